/**
 * Recognition on the device, without a network.
 *
 *   await prepare(touchpoint());             // while online: model, index and runtime come to the device; later calls fetch what changed
 *   const answer = await recognise(photo);   // a Blob or a drawable picture; a code first, then the look
 *
 * Everything is kept by this module itself in Cache Storage (CACHE; its script beside the service worker's own), so a service worker has
 * nothing to do for it but to answer `/assets/` from what is kept: `files()` names them. Names and prices are the catalogue's matter: an
 * answer carries product ids. Where `by` is `barcode`, ask the catalogue for `gtin` or `code` first; if it does not know it, outcome and
 * candidates tell the look.
 */
import { gtinOf } from '$lib/codes';
import { bytes, bytesOf, CACHE, current, refresh, runtime, script, type Kept } from './keep';
import { partAddress } from './manifest';
import type { Answer, Box, Readiness } from './types';
import type { Question, Reply, Told } from './worker';

export type { Answer, Box, Candidate, Hint, Readiness } from './types';
export { CACHE } from './keep';

/** Nothing to recognise with is on the device, or this browser cannot run it. */
export class NotReady extends Error {
  override name = 'NotReady';
}

/** This browser has what it takes: WebAssembly, workers with a canvas, Cache Storage. */
export function supported(): boolean {
  return typeof WebAssembly === 'object' && typeof Worker === 'function' && typeof OffscreenCanvas === 'function' && typeof caches === 'object';
}

/** Fetch what is missing or newer. Never throws for a lost network or a full device: what is kept stays, and `ready` tells whether it is enough. */
export async function prepare(touchpoint: string | null = null): Promise<Readiness> {
  if (supported()) {
    try {
      if (await refresh(touchpoint)) stale = true;
    } catch {
      // away, or no room: what is kept answers
    }
  }
  return readiness();
}

/** What is on the device now; asks no network. */
export async function readiness(): Promise<Readiness> {
  const kept = supported() ? await current().catch(() => null) : null;
  if (!kept) return { ready: false, model_id: null, version: 0, products: 0, bytes: 0, checked_at: null };
  const { model, index } = kept.manifest;
  return { ready: index.products > 0, model_id: model.model_id, version: index.version, products: index.products, bytes: bytes(kept.manifest), checked_at: kept.checked_at };
}

/** What the picture shows among the showroom's products. `live`: a frame of a film. Rejects with NotReady while nothing is on the device. */
export async function recognise(photo: Blob | ImageBitmap | ImageData, { live = false }: { live?: boolean } = {}): Promise<Answer> {
  const began = performance.now();
  const kept = await loaded();
  const picture = photo instanceof ImageBitmap ? photo : await createImageBitmap(photo, { imageOrientation: 'from-image' });
  const size = { width: picture.width, height: picture.height };
  const reading = photo instanceof ImageBitmap ? null : codeIn(photo, size);
  const [told, code] = await Promise.all([ask({ kind: 'look', picture, live }, [picture]), reading]);
  if (!told) throw new NotReady('no answer');
  const gtin = code ? gtinOf(code.text, location.origin) : null;
  return {
    outcome: told.outcome,
    by: code ? 'barcode' : 'picture',
    code: code?.text ?? null,
    gtin,
    candidates: told.candidates,
    parts: code ? [] : told.parts,
    box: code?.box ?? told.box,
    hint: told.hint,
    model_id: kept.manifest.model.model_id,
    index_version: kept.manifest.index.version,
    took_ms: Math.round(performance.now() - began),
  };
}

/** Same-origin addresses of the script and the runtime that recognition needs, for a service worker that keeps them. */
export async function files(): Promise<string[]> {
  return [script, runtime];
}

/** Remove model and index from the device: storage is short, or the shopper asked. */
export async function forget(): Promise<void> {
  rest();
  if (supported()) await caches.delete(CACHE);
}

/** End the worker and free its memory (about 120 MB); the next photo starts it again. */
export function rest(): void {
  worker?.terminate();
  worker = null;
  loading = null;
  for (const { fail } of asked.values()) fail(new NotReady('put to rest'));
  asked.clear();
}

let worker: Worker | null = null;
let loading: Promise<Kept> | null = null;
/** The sha256 of the model that the worker holds. */
let held: string | null = null;
/** Something newer was kept than the worker holds. */
let stale = false;
let number = 0;
const asked = new Map<number, { done: (told: Told | null) => void; fail: (error: Error) => void }>();

function loaded(): Promise<Kept> {
  if (stale || !worker) loading = null;
  stale = false;
  loading ??= load().catch((error: unknown) => {
    loading = null;
    throw error instanceof NotReady ? error : new NotReady(String(error));
  });
  return loading;
}

async function load(): Promise<Kept> {
  if (!supported()) throw new NotReady('this browser cannot');
  const kept = await current();
  if (!kept) throw new NotReady('nothing to recognise with is on the device yet');
  const { model, index } = kept.manifest;
  if (!worker) {
    held = null;
    worker = new Worker(script, { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Reply>) => settle(data);
    worker.onerror = () => rest();
  }
  const anew = held !== model.sha256;
  const wanted = [...index.parts, index.nothing].map((part) => bytesOf(partAddress(part.name)));
  const [network, wasm, ...parts] = await Promise.all([anew ? bytesOf(model.href) : null, anew ? bytesOf(runtime) : null, ...wanted]);
  if (parts.some((part) => !part) || (anew && !(network && wasm))) throw new NotReady('the device has thrown parts away');
  const tables = parts as ArrayBuffer[];
  await ask({ kind: 'load', manifest: kept.manifest, parts: tables.slice(0, -1), nothing: tables.at(-1)!, ...(network && wasm ? { model: network, wasm } : {}) }, [
    ...tables,
    ...(network && wasm ? [network, wasm] : []),
  ]);
  held = model.sha256;
  return kept;
}

function ask(question: Question extends infer Q ? (Q extends { id: number } ? Omit<Q, 'id'> : never) : never, moved: Transferable[]): Promise<Told | null> {
  const id = ++number;
  return new Promise((done, fail) => {
    if (!worker) return fail(new NotReady('put to rest'));
    asked.set(id, { done, fail });
    worker.postMessage({ ...question, id }, moved);
  });
}

function settle(reply: Reply): void {
  const waiting = asked.get(reply.id);
  asked.delete(reply.id);
  if ('error' in reply) waiting?.fail(new Error(reply.error));
  else waiting?.done(reply.told);
}

/** The code in a picture and where it is. The reader is a chunk of its own; where it cannot be had, the look must do. */
async function codeIn(photo: Blob | ImageData, size: { width: number; height: number }): Promise<{ text: string; box: Box } | null> {
  try {
    const { findCode } = await import('../barcode');
    return await findCode(photo, size);
  } catch {
    return null;
  }
}
