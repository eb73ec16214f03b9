/** The pages themselves on this phone: without them a shop that is carried cannot be opened. */

const PATIENCE_MS = 15_000;

/** Resolves when the worker keeps the pages; or after a while, where it cannot be or has no room. */
export async function keepPages(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const kept = navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready);
  await Promise.race([kept.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}
