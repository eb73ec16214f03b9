/** Work that may wait until nothing else is to be done. */

type Idle = (work: () => void, options?: { timeout: number }) => unknown;
/** Safari has no requestIdleCallback. */
const idle: Idle = typeof requestIdleCallback === 'function' ? requestIdleCallback : (work) => setTimeout(work, 50);

/** Run once the page has loaded, `after` ms later, as soon as the main thread rests. */
export function atLeisure(work: () => void, after = 0): void {
  const soon = () => setTimeout(() => idle(work, { timeout: 4_000 }), after);
  if (document.readyState === 'complete') soon();
  else window.addEventListener('load', soon, { once: true });
}

/** Let the browser paint and hear the reader before the next piece of work. */
export const breathe = (): Promise<void> => new Promise((on) => idle(on, { timeout: 200 }));
