/**
 * Which products push in: some pictures are near to everything. How much of each photo went to which product is counted, and what is named
 * oftener than the mean is held back: the same rule as the server's `vision/rules/fuse.py`, held together by shared cases. Pure but for the
 * counts that it holds: those told by the server, of all shoppers' photos, and this phone's own.
 */
import { shares, type Calibration, type Found } from './decide';
import type { Candidate } from './types';

const LEAST_MASS = 1;
/** Nats: a product named six times as often as the mean is held back no further. */
const MOST_PUSH = 1.8;
const LEAST_SHARE = 0.005;
/** The server tells in so many parts of a photo. */
const STEPS = 16;

export class Named {
  #told = new Map<string, number>();
  #total = 0;
  #own = new Map<string, number>();

  /** What the server tells of these products, in their order, in place of what it told before; the phone's own counts stay. */
  hear(products: readonly string[], sixteenths: Uint16Array): void {
    if (sixteenths.length !== products.length) this.#told = new Map();
    else this.#told = new Map(products.map((product, i) => [product, sixteenths[i]! / STEPS]));
    this.#count();
  }

  /** The shares of a photo that was taken here. */
  add(candidates: readonly Candidate[]): void {
    for (const { product_id, score } of candidates) if (score > LEAST_SHARE) this.#own.set(product_id, (this.#own.get(product_id) ?? 0) + score);
    this.#count();
  }

  /** Nats by which a product is named oftener than the mean of `of` products, −1.8 to 1.8. */
  push(product: string, of: number): number {
    const mean = this.#total / Math.max(of, 1);
    const mass = (this.#told.get(product) ?? 0) + (this.#own.get(product) ?? 0);
    return Math.max(-MOST_PUSH, Math.min(MOST_PUSH, Math.log((mass + LEAST_MASS) / (mean + LEAST_MASS))));
  }

  /** What was found, ranked anew; the winner's score is its look's, and the others keep their distance. */
  heldBack(found: Found, of: number, lines: Calibration): Found {
    const weight = (lines.push_weight ?? 0) / lines.sharpness;
    const ranked = found.ranked.map((one) => ({ one, score: one.score - weight * this.push(one.product_id, of) }));
    ranked.sort((a, b) => b.score - a.score || (a.one.product_id < b.one.product_id ? -1 : 1));
    const best = ranked[0];
    if (!best) return found;
    return { ...found, ranked: ranked.map(({ one, score }) => ({ ...one, score: best.one.score + score - best.score })) };
  }

  /** Counts a photo for the products that it went to. */
  learn(found: Found, lines: Calibration): void {
    if (found.ranked.length) this.add(shares(found.ranked, lines.sharpness));
  }

  #count(): void {
    this.#total = [...this.#told.values(), ...this.#own.values()].reduce((total, mass) => total + mass, 0);
  }
}
