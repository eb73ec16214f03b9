/** Many frames, one calm answer: shown when several of the last frames agree, kept over a frame or two that do not. Pure. */
import type { Answer, Box } from './types';

export interface Shown {
  /** The product the look tells; null when a code tells it, which the catalogue must be asked for. */
  product: string | null;
  variant_id: number | null;
  code: string | null;
  box: Box;
}

const FRAMES = 5;
/** Of the last frames so many must agree before something is shown, and fewer than so many take it away again. */
const AGREE = 3;
const KEEP = 2;
/** What the share of the product among the ten best must be on average. */
const LEAST_SHARE = 0.3;
/** How far the box follows a new frame. */
const FOLLOW = 0.4;

export class Steady {
  #last: Answer[] = [];
  #shown: Shown | null = null;

  hear(answer: Answer): Shown | null {
    this.#last = [...this.#last, answer].slice(-FRAMES);
    const [key, frames] = this.#leader();
    const standing = this.#shown && keyOf(this.#shown.code, this.#shown.product);
    const enough = key?.startsWith('code') ? 2 : AGREE;
    if (key && key !== standing && frames.length >= enough && sure(frames)) this.#shown = shownOf(frames.at(-1)!);
    else if (this.#shown && this.#count(standing!) < KEEP) this.#shown = null;
    const mine = this.#shown && keyOf(answer.code, answer.candidates[0]?.product_id ?? null) === keyOf(this.#shown.code, this.#shown.product);
    if (this.#shown && mine) this.#shown = { ...this.#shown, box: between(this.#shown.box, answer.box) };
    return this.#shown;
  }

  forget(): void {
    this.#last = [];
    this.#shown = null;
  }

  #leader(): [string | null, Answer[]] {
    const groups = new Map<string, Answer[]>();
    for (const one of this.#last) {
      const key = keyOf(one.code, one.candidates[0]?.product_id ?? null);
      if (key) groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    return [...groups].sort(([one, a], [other, b]) => Number(other.startsWith('code')) - Number(one.startsWith('code')) || b.length - a.length)[0] ?? [null, []];
  }

  #count(key: string): number {
    return this.#last.filter((one) => keyOf(one.code, one.candidates[0]?.product_id ?? null) === key).length;
  }
}

const keyOf = (code: string | null, product: string | null): string | null => (code ? `code ${code}` : product);
const sure = (frames: readonly Answer[]): boolean => !!frames[0]!.code || frames.reduce((sum, one) => sum + one.candidates[0]!.score, 0) / frames.length >= LEAST_SHARE;

function shownOf(answer: Answer): Shown {
  const best = answer.code ? null : answer.candidates[0]!;
  return { product: best?.product_id ?? null, variant_id: best?.variant_id ?? null, code: answer.code, box: answer.box };
}

function between(before: Box, now: Box): Box {
  const mix = (one: number, other: number) => one + (other - one) * FOLLOW;
  return { x: mix(before.x, now.x), y: mix(before.y, now.y), width: mix(before.width, now.width), height: mix(before.height, now.height) };
}
