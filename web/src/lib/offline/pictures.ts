/** Small pictures of the kept shop, one a product, for as long as there is room: in Cache Storage, where the service worker finds them. */
import { partsOf } from './shop';

export const CACHE = 'halles-shop-pictures';
/** Leave this much of what the browser grants to everything else. */
const SPARE = 20 * 1024 * 1024;
const TOGETHER = 4;

export interface Pictures {
  kept: number;
  all: number;
  /** There was no room for more. */
  full: boolean;
}
let state: Pictures = { kept: 0, all: 0, full: false };
export const pictures = (): Pictures => state;

/** The smallest copy of a picture. */
export const small = (name: string): string => `/media/${name.slice(0, name.lastIndexOf('.'))}-320.webp`;

async function names(): Promise<string[]> {
  const products = await partsOf<{ on_display: boolean; image: { name: string } | null }>('p:');
  // What stands here is photographed and looked for first.
  const ordered = products.map(([, one]) => one).sort((one, two) => Number(two.on_display) - Number(one.on_display));
  return [...new Set(ordered.flatMap((one) => (one.image ? [small(one.image.name)] : [])))];
}

/** Fetch what is missing, drop what is no longer shown. Stops quietly where room or network end. */
export async function keepPictures(): Promise<Pictures> {
  if (typeof caches === 'undefined') return state;
  const wanted = await names();
  try {
    const cache = await caches.open(CACHE);
    const here = new Set((await cache.keys()).map((request) => new URL(request.url).pathname));
    for (const path of here) if (!wanted.includes(path)) await cache.delete(path);
    const missing = wanted.filter((path) => !here.has(path));
    state = { kept: wanted.length - missing.length, all: wanted.length, full: false };
    while (missing.length && (await roomy())) {
      const fetched = await Promise.all(missing.splice(0, TOGETHER).map((path) => cache.add(path).then(() => true).catch((error: unknown) => (isFull(error) ? null : false))));
      state = { ...state, kept: state.kept + fetched.filter(Boolean).length };
      if (fetched.includes(null)) return (state = { ...state, full: true });
      if (!fetched.some(Boolean)) return state;
    }
    if (missing.length) state = { ...state, full: true };
  } catch (error) {
    state = { ...state, all: wanted.length, full: isFull(error) };
  }
  return state;
}

const isFull = (error: unknown): boolean => error instanceof DOMException && error.name === 'QuotaExceededError';

async function roomy(): Promise<boolean> {
  const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  return quota === undefined || usage === undefined || quota - usage > SPARE;
}

/** How many of the kept shop's pictures are here. */
export async function countPictures(): Promise<Pictures> {
  if (typeof caches === 'undefined') return state;
  const [wanted, cache] = [await names(), await caches.open(CACHE)];
  const here = new Set((await cache.keys()).map((request) => new URL(request.url).pathname));
  return (state = { ...state, kept: wanted.filter((path) => here.has(path)).length, all: wanted.length });
}
export const forgetPictures = async (): Promise<void> => {
  if (typeof caches !== 'undefined') await caches.delete(CACHE);
  state = { kept: 0, all: 0, full: false };
};
