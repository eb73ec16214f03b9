/** Model, index and runtime as they are kept on the device: in Cache Storage, swapped only when all of the new state is there. */
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import codes from 'zxing-wasm/reader/zxing_reader.wasm?url';
import { addressOf, partAddress, type Manifest } from './manifest';
import script from './worker?worker&url';

export const CACHE = 'halles-vision';
/** What the service worker keeps its scripts in; ours is put there too, so that it starts without a network. */
const SCRIPTS = 'halles-assets';
const CURRENT = '/halles-vision/current';

export { script };
export const runtime: string = wasm;

/** The state in use: the manifest, whose shop it is, when the server last confirmed it. */
export interface Kept {
  manifest: Manifest;
  touchpoint: string | null;
  checked_at: string;
}

export async function current(): Promise<Kept | null> {
  const found = await (await caches.open(CACHE)).match(CURRENT);
  return found ? ((await found.json()) as Kept) : null;
}

/** The bytes of something kept; null when the device has thrown it away. */
export async function bytesOf(address: string): Promise<ArrayBuffer | null> {
  const found = await (await caches.open(CACHE)).match(address);
  return found ? await found.arrayBuffer() : null;
}

/**
 * Ask the server, fetch what is missing, then swap. Throws when the network or the device's storage fails; what was kept is then untouched.
 * True: something changed.
 */
export async function refresh(touchpoint: string | null): Promise<boolean> {
  const answer = await fetch(addressOf(touchpoint), { headers: { accept: 'application/json' }, cache: 'no-cache' });
  if (!answer.ok) throw new Error(`recognition ${answer.status}`);
  const manifest = (await answer.json()) as Manifest;
  const before = await current();
  const cache = await caches.open(CACHE);
  const wanted = filesOf(manifest);
  await Promise.all(wanted.map(({ key, from }) => fetchOnce(cache, key, from(touchpoint))));
  await keepScripts();
  await cache.put(CURRENT, Response.json({ manifest, touchpoint, checked_at: new Date().toISOString() } satisfies Kept));
  const keep = new Set([...wanted.map((one) => one.key), CURRENT].map((path) => new URL(path, location.origin).href));
  for (const request of await cache.keys()) if (!keep.has(request.url)) await cache.delete(request);
  return JSON.stringify(before?.manifest) !== JSON.stringify(manifest);
}

/** Parts are named by their content, so one name is one content, whatever the touchpoint it was asked for. */
function filesOf(manifest: Manifest): { key: string; from: (touchpoint: string | null) => string }[] {
  const whole = (address: string) => ({ key: address, from: () => address });
  const parts = [...manifest.index.parts, manifest.index.nothing].map(({ name }) => ({
    key: partAddress(name),
    from: (touchpoint: string | null) => partAddress(name) + addressOf(touchpoint).replace('/api/recognition', ''),
  }));
  return [whole(manifest.model.href), whole(runtime), ...parts];
}

async function fetchOnce(cache: Cache, key: string, from: string): Promise<void> {
  if (await cache.match(key)) return;
  const answer = await fetch(from);
  if (!answer.ok) throw new Error(`${key} ${answer.status}`);
  await cache.put(key, new Response(await answer.arrayBuffer(), { headers: { 'content-type': answer.headers.get('content-type') ?? 'application/octet-stream' } }));
}

/** Our worker, and what reads codes: a photo of a barcode goes first without a network too. */
async function keepScripts(): Promise<void> {
  const cache = await caches.open(SCRIPTS);
  for (const one of [script, codes]) if (!(await cache.match(one))) await cache.add(one);
}

export const bytes = (manifest: Manifest): number => manifest.model.bytes + manifest.index.bytes + manifest.index.nothing.bytes;
