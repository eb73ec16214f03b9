/** The second look at a photo: the server reads the package after it answered, and what it then says may be better. */
import { api, type PhotoAnswer } from '$lib/api';

const WAITS_MS = [500, 500, 700, 1000, 1500, 2000, 3000, 3000];

/**
 * What the photo is answered with once the second look is over. Null: `alive` said no, the network went, or it took too long (twelve
 * seconds); the first answer stands then.
 */
export async function secondLook(
  match_id: string,
  query: { touchpoint: string | null; currency: string; lang: string },
  alive: () => boolean,
  wait: (ms: number) => Promise<unknown> = (ms) => new Promise((done) => setTimeout(done, ms)),
): Promise<PhotoAnswer | null> {
  for (const ms of WAITS_MS) {
    await wait(ms);
    if (!alive()) return null;
    const told = await api.photoNow(match_id, query).catch(() => null);
    if (!told || !alive()) return null;
    if (!told.refines) return told;
  }
  return null;
}

/** The later answer where it says something else than the one that is shown: another question, or another product first. */
export function better(shown: PhotoAnswer, later: PhotoAnswer): PhotoAnswer | null {
  if (later.candidates.length === 0) return null;
  const same = shown.outcome === later.outcome && (shown.ask ?? null) === (later.ask ?? null) && leading(shown) === leading(later);
  return same ? null : later;
}

/** Left to right, then top to bottom, as they lie in the photo; those whose place is not known come last. */
export function asTheyLie<T extends { box?: { left: number; top: number } | null }>(candidates: readonly T[]): T[] {
  const at = (one: T): [number, number] => (one.box ? [one.box.left, one.box.top] : [2, 2]);
  return [...candidates].sort((a, b) => at(a)[0] - at(b)[0] || at(a)[1] - at(b)[1]);
}

const leading = (answer: PhotoAnswer) => answer.candidates[0]?.product.product_id;
