/** The phone decides as the server does: cases written by `halles.vision.tests.phone_cases`. */
import { describe, expect, it } from 'vitest';
import { gtinOf } from '$lib/codes';
import { decide, type Calibration, type Decision, type Found } from '$lib/vision/decide';
import { unpack } from '$lib/vision/pack';
import { Named } from '$lib/vision/named';
import { boxOf, hintOf, planes } from '$lib/vision/pixels';
import { Index } from '$lib/vision/search';
import { Steady } from '$lib/vision/steady';
import type { Answer, Candidate } from '$lib/vision/types';
import cases from './recognition_cases.json';

const sixteenths = (base64: string) => new Uint16Array(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);
const floats = (numbers: number[]) => Float32Array.from(numbers);
const near = (one: number, other: number) => expect(Math.abs(one - other)).toBeLessThan(2e-3);

describe('shared with the server', () => {
  it('decides', () => {
    for (const { found, decision } of cases.decisions as { found: Found; decision: Decision }[]) {
      const told = decide(found, cases.calibration as Calibration);
      expect(told.outcome).toBe(decision.outcome);
      expect(told.candidates.map((one) => [one.product_id, one.variant_id])).toEqual(decision.candidates.map((one) => [one.product_id, one.variant_id]));
      told.candidates.forEach((one, i) => near(one.score, decision.candidates[i]!.score));
    }
  });

  it('searches', () => {
    for (const one of cases.searches) {
      const index = new Index(
        one.rows.map((row) => ({ ...row, vector: floats(row.vector) })),
        16,
      );
      const found = index.search(floats(one.photo), { photos: one.photos.photos, mean: floats(one.photos.mean) }, one.nothing.map(floats));
      found.ranked.forEach((candidate, i) => near(candidate.score, one.found.ranked[i]!.score));
      expect(found.ranked[0]!.product_id).toBe(one.found.ranked[0]!.product_id);
      for (const name of ['belonging', 'warmth', 'nothing'] as const) near(found[name], one.found[name]);
    }
  });

  it('holds back what pushes in', () => {
    for (const one of cases.named as { products: string[]; told: string; own: Candidate[][]; ranked: Candidate[]; after: Candidate[] }[]) {
      const named = new Named();
      named.hear(one.products, sixteenths(one.told));
      const found = (ranked: Candidate[]): Found => ({ ranked, belonging: 1, warmth: 1, nothing: 0 });
      for (const ranked of one.own) named.learn(found(ranked), cases.calibration as Calibration);
      const told = named.heldBack(found(one.ranked), one.products.length, cases.calibration as Calibration).ranked;
      expect(told.map((each) => each.product_id)).toEqual(one.after.map((each) => each.product_id));
      told.forEach((each, i) => near(each.score, one.after[i]!.score));
    }
  });

  it('reads a part of the index, and no half of one', () => {
    const bytes = Uint8Array.from(atob(cases.part.bytes), (letter) => letter.charCodeAt(0));
    const rows = unpack(bytes.buffer, cases.part.dim);
    expect(rows.map(({ product_id, variant_id, shop }) => ({ product_id, variant_id, shop }))).toEqual(cases.part.rows.map(({ product_id, variant_id, shop }) => ({ product_id, variant_id, shop })));
    rows.forEach((row, r) => row.vector.forEach((value, i) => expect(Math.abs(value - cases.part.rows[r]!.vector[i]!)).toBeLessThan(0.03)));
    expect(() => unpack(bytes.slice(0, -1).buffer, cases.part.dim)).toThrow('cut short');
    expect(() => unpack(bytes.buffer, 17)).toThrow('not a part');
  });
});

const MEAN = [127, 127, 127];
const STD = [128, 128, 128];
function paint(side: number, of: (x: number, y: number) => number): Float32Array {
  const rgba = new Uint8ClampedArray(side * side * 4);
  for (let i = 0; i < side * side; i++) rgba.fill(of(i % side, Math.floor(i / side)), i * 4, i * 4 + 3);
  return planes(rgba, side, side, 64, MEAN, STD);
}

describe('what pushes in', () => {
  const lines = cases.calibration as Calibration;
  const found = { ranked: ['a', 'b'].map((product_id, i) => ({ product_id, variant_id: null, score: 0.5 - i / 100 })), belonging: 1, warmth: 1, nothing: 0 };
  const first = (named: Named, by = lines) => named.heldBack(found, 2, by).ranked[0]!.product_id;
  it('is nothing before a photo was counted, nor with what was kept by an older page', () => {
    expect(new Named().heldBack(found, 2, lines)).toEqual(found);
    const named = new Named();
    named.hear(['a', 'b'], Uint16Array.of(160, 0));
    expect(first(named)).toBe('b');
    expect(first(named, { ...lines, push_weight: undefined })).toBe('a');
  });
  it('is not taken from a list of other products, and the own count stays when the server tells anew', () => {
    const named = new Named();
    named.hear(['a', 'b', 'c'], Uint16Array.of(160, 0));
    expect(first(named)).toBe('a');
    for (let i = 0; i < 5; i++) named.add([{ product_id: 'a', variant_id: null, score: 1 }]);
    named.hear(['a', 'b'], Uint16Array.of(0, 0));
    expect(first(named)).toBe('b');
  });
});

describe('pixels', () => {
  it('keeps a plain colour plain, whatever the size', () => {
    for (const side of [40, 64, 130]) for (const value of paint(side, () => 200)) near(value, 73 / 128);
  });
  it('tells darkness, glare and blur', () => {
    expect(hintOf(paint(128, (x) => 10 + (x % 7) * 4), 64, MEAN, STD)).toBe('dark');
    expect(hintOf(paint(128, () => 250), 64, MEAN, STD)).toBe('bright');
    expect(hintOf(paint(128, (x) => 128 + 90 * Math.sin(x / 24)), 64, MEAN, STD)).toBe('blurred');
    expect(hintOf(paint(128, (x, y) => ((x >> 3) + (y >> 3)) % 2 ? 220 : 40), 64, MEAN, STD)).toBeNull();
    expect(hintOf(paint(128, () => 130), 64, MEAN, STD)).toBeNull();
  });
  it('finds the side that looks like the product', () => {
    const cells = new Float32Array(2 * 49).map((_, i) => (i < 49 ? (i % 7 > 4 ? 4 : 0) : 1));
    const box = boxOf(cells, 7, floats([1, 0]), { x: 0, y: 0, width: 1, height: 1 });
    expect(box.x + box.width / 2).toBeGreaterThan(0.6);
    expect(box.x + box.width).toBeLessThanOrEqual(1.0001);
  });
});

const answer = (product: string | null, score = 0.5, code: string | null = null): Answer => ({
  outcome: product ? 'candidates' : 'unknown',
  by: code ? 'barcode' : 'picture',
  code,
  gtin: code,
  candidates: product ? [{ product_id: product, variant_id: null, score }] : [],
  parts: [],
  box: { x: 0.2, y: 0.2, width: 0.4, height: 0.4 },
  hint: null,
  model_id: 'm',
  index_version: 1,
  took_ms: 1,
});

describe('a live answer', () => {
  it('is shown only when frames agree, and stays over a frame that does not', () => {
    const steady = new Steady();
    expect(steady.hear(answer('a'))).toBeNull();
    expect(steady.hear(answer('b'))).toBeNull();
    steady.hear(answer('a'));
    expect(steady.hear(answer('a'))?.product).toBe('a');
    expect(steady.hear(answer(null))?.product).toBe('a');
    expect(steady.hear(answer('b'))?.product).toBe('a');
    steady.hear(answer(null));
    steady.hear(answer(null));
    expect(steady.hear(answer(null))).toBeNull();
  });
  it('does not believe what is hardly likelier than the rest', () => {
    const steady = new Steady();
    for (let i = 0; i < 8; i++) expect(steady.hear(answer('a', 0.15))).toBeNull();
  });
  it('believes a code that was read twice', () => {
    const steady = new Steady();
    expect(steady.hear(answer(null, 0, '03017620422003'))).toBeNull();
    expect(steady.hear(answer('a', 0.9, '03017620422003'))?.code).toBe('03017620422003');
  });
});

describe('a code', () => {
  it('names a GTIN only with a right check digit', () => {
    expect(gtinOf('3017620422003', 'https://x')).toBe('03017620422003');
    expect(gtinOf('3017620422004', 'https://x')).toBeNull();
    expect(gtinOf('https://a.example/01/03017620422003?t=q', 'https://x')).toBe('03017620422003');
    expect(gtinOf('SAMPLE-7', 'https://x')).toBeNull();
  });
});
