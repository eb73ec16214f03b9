/**
 * The first number formatter of a process makes the browser look through every language it knows, 25 ms on a desk and 100 on a phone,
 * in the very task that shows the first prices. What it learns is shared by the whole process, so a worker learns it meanwhile.
 */
export function warmNumbers(tag: string): void {
  try {
    const source = new Blob([`new Intl.NumberFormat(${JSON.stringify(tag)});close()`], { type: 'text/javascript' });
    const address = URL.createObjectURL(source);
    new Worker(address).onerror = () => undefined;
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  } catch {
    // no worker here: the first price takes its time
  }
}
