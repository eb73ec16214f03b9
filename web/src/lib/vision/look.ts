/** From the network's numbers to an answer about the look: search, decide, ask which of two. Pure. */
import { centred, joined, type PhotoMean } from './centring';
import { decide, type Calibration, type Decision, type Found } from './decide';
import { boxOf } from './pixels';
import type { Named } from './named';
import type { Index } from './search';
import type { Answer, Box, Candidate } from './types';

/** What the network said of one picture: the whole, its left, right, upper and lower half, and the last map. */
export interface Seen {
  features: Float32Array;
  parts: Float32Array[];
  cells: Float32Array;
  cellsASide: number;
}

export type Look = Pick<Answer, 'outcome' | 'candidates' | 'parts' | 'box'>;

const SIDES: readonly (readonly [number, number, Box, Box])[] = [
  [0, 1, { x: 0, y: 0, width: 0.5, height: 1 }, { x: 0.5, y: 0, width: 0.5, height: 1 }],
  [2, 3, { x: 0, y: 0, width: 1, height: 0.5 }, { x: 0, y: 0.5, width: 1, height: 0.5 }],
];
/** How sure each half must be before two products are said to stand side by side: measured, see the docs. */
export const HALF_SHARE = 0.6;

/** What a photo is compared with. `named` is not changed here. */
export interface Known {
  index: Index;
  photos: PhotoMean;
  nothing: readonly Float32Array[];
  named: Named;
  lines: Calibration;
}

export function look(seen: Seen, known: Known, crop: Box): Look & { found: Found } {
  const { index, photos } = known;
  const found = find(seen.features, known);
  const decision = decide(found, known.lines);
  const best = decision.candidates[0];
  const likeness = best && index.likeness(best.product_id, centred(seen.features, index.mean(photos)));
  return {
    ...decision,
    found,
    parts: sides(seen, known, crop, decision),
    box: likeness ? boxOf(seen.cells, seen.cellsASide, likeness, crop) : crop,
  };
}

/** Two halves that are each sure of another product, where the whole is not sure of one. */
function sides(seen: Seen, known: Known, crop: Box, whole: Decision): Answer['parts'] {
  if (whole.outcome === 'product' || known.index.products.length < 2) return [];
  for (const [one, other, here, there] of SIDES) {
    const first = sure(seen.parts[one], known);
    const second = first && sure(seen.parts[other], known);
    if (!first || !second || first.product_id === second.product_id) continue;
    return [
      { candidate: first, box: inside(here, crop) },
      { candidate: second, box: inside(there, crop) },
    ];
  }
  return [];
}

function sure(part: Float32Array | undefined, known: Known): Candidate | null {
  if (!part) return null;
  const best = decide(find(part, known), known.lines).candidates[0];
  return best && best.score >= HALF_SHARE ? best : null;
}

function find(vector: Float32Array, { index, photos, nothing, named, lines }: Known): Found {
  return named.heldBack(index.search(vector, photos, nothing), index.products.length, lines);
}

const inside = (part: Box, crop: Box): Box => ({ x: crop.x + part.x * crop.width, y: crop.y + part.y * crop.height, width: part.width * crop.width, height: part.height * crop.height });

/** The mean of photos after one more that was recognised. */
export const learned = (photos: PhotoMean, photo: Float32Array): PhotoMean => joined(photos, { photos: 1, mean: photo });
