/** The network, the index and the decision, off the page's thread. One question at a time; what asks is `index.ts`. */
/// <reference lib="webworker" />
import * as ort from 'onnxruntime-web/wasm';
import { dot, joined, noPhotos, unit, type PhotoMean } from './centring';
import { learned, look, type Look, type Seen } from './look';
import type { Manifest } from './manifest';
import { Named } from './named';
import { unpack } from './pack';
import { centreBox, hintOf, planes } from './pixels';
import { Index } from './search';
import type { Hint } from './types';

export interface Load {
  kind: 'load';
  manifest: Manifest;
  /** Absent: the model that is loaded stays. */
  model?: ArrayBuffer;
  wasm?: ArrayBuffer;
  parts: ArrayBuffer[];
  nothing: ArrayBuffer;
}
export interface Look_ {
  kind: 'look';
  picture: ImageBitmap;
  /** A frame of a film: the ones before help, and nothing is learned from it. */
  live: boolean;
}
export type Question = (Load | Look_) & { id: number };
export type Told = Look & { hint: Hint; ms: number; products: number };
export type Reply = { id: number; told: Told | null } | { id: number; error: string };

/** Two frames are of the same thing while their vectors are this much alike; then each counts so much beside those before. */
const SAME = 0.82;
const NEWEST = 0.45;

let session: ort.InferenceSession | null = null;
let manifest: Manifest | null = null;
let index: Index | null = null;
let nothing: Float32Array[] = [];
let stored: PhotoMean = noPhotos(0);
let fresh: PhotoMean = noPhotos(0);
let named = new Named();
let running: Float32Array | null = null;

async function load(question: Load): Promise<null> {
  const { model } = question.manifest;
  if (question.model && question.wasm) {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmBinary = question.wasm;
    const next = await ort.InferenceSession.create(question.model, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
    await session?.release();
    session = next;
    fresh = noPhotos(model.dim);
    named = new Named();
  }
  index = new Index(question.parts.flatMap((part) => unpack(part, model.dim)), model.dim);
  nothing = unpack(question.nothing, model.dim).map((row) => row.vector);
  const { photos } = question.manifest;
  stored = photos ? { photos: photos.photos, mean: new Float32Array(bytes(photos.mean)) } : noPhotos(model.dim);
  named.hear(index.products, new Uint16Array(bytes(photos?.named ?? '')));
  manifest = question.manifest;
  running = null;
  return null;
}

async function see(question: Look_): Promise<Told> {
  if (!session || !manifest || !index) throw new Error('not ready');
  const began = performance.now();
  const { model } = manifest;
  const crop = centreBox(model.photo_crop);
  const input = pixels(question.picture, model);
  question.picture.close();
  const answer = await session.run({ photo: new ort.Tensor('float32', input, [1, 3, model.input_px, model.input_px]) });
  const seen = read(answer, model.dim);
  const hint = hintOf(input, model.input_px, model.mean, model.std);
  if (question.live) {
    running = running && dot(running, seen.features) > SAME ? unit(seen.features.map((value, i) => value * NEWEST + running![i]! * (1 - NEWEST))) : seen.features;
  } else {
    running = null;
  }
  const photos = joined(stored, fresh);
  const { found, ...told } = look(running ? { ...seen, features: running } : seen, { index, photos, nothing, named, lines: model.calibration }, crop);
  if (!question.live && told.outcome !== 'unknown') {
    fresh = learned(fresh, seen.features);
    named.learn(found, model.calibration);
  }
  return { ...told, hint, ms: performance.now() - began, products: index.products.length };
}

/** The middle of the picture as the network wants it. The canvas halves what is very large; the fine work is the filter's. */
function pixels(picture: ImageBitmap, model: Manifest['model']): Float32Array {
  const crop = centreBox(model.photo_crop);
  const [width, height] = [picture.width * crop.width, picture.height * crop.height];
  const fit = (size: number) => Math.max(1, Math.round(Math.min(size, model.input_px * 2.5)));
  const canvas = new OffscreenCanvas(fit(width), fit(height));
  const brush = canvas.getContext('2d', { willReadFrequently: true })!;
  brush.imageSmoothingQuality = 'high';
  brush.drawImage(picture, picture.width * crop.x, picture.height * crop.y, width, height, 0, 0, canvas.width, canvas.height);
  return planes(brush.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height, model.input_px, model.mean, model.std);
}

function read(answer: ort.InferenceSession.ReturnType, dim: number): Seen {
  const data = (name: string) => answer[name]!.data as Float32Array;
  const parts = data('parts');
  const cells = answer.cells!;
  return {
    features: unit(data('features')),
    parts: Array.from({ length: parts.length / dim }, (_, i) => parts.slice(i * dim, (i + 1) * dim)),
    cells: data('cells'),
    cellsASide: cells.dims.at(-1)!,
  };
}

function bytes(base64: string): ArrayBuffer {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
}

let turn: Promise<unknown> = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<Question>) => {
  turn = turn.then(async () => {
    try {
      postMessage({ id: data.id, told: data.kind === 'load' ? await load(data) : await see(data) } satisfies Reply);
    } catch (error) {
      postMessage({ id: data.id, error: String(error) } satisfies Reply);
    }
  });
};
