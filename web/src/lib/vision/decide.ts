/** From scores to an answer: the same rule as the server's `vision/rules/decide.py`, held together by shared cases. Pure. */
import type { Candidate } from './types';

export const MAX_CANDIDATES = 5;
/** How many products a search answers: enough for one that was held back, or pushed away, to find its place. */
export const SEARCHED = 30;
/** Shares are taken over so many, so that they do not shrink as the catalogue grows. */
export const SHARE_OVER = 10;

/** Where the model draws its lines; travels with the model. Names as in the model's card. */
export interface Calibration {
  sharpness: number;
  clear_share: number;
  clear_score: number;
  belonging_cold: number;
  belonging_warm: number;
  lead_over_nothing: number;
  /** Absent in what was kept before there was one: nothing is held back. */
  push_weight?: number;
}

/** The best products of a search, best first; `score` of each is the centred cosine. */
export interface Found {
  ranked: Candidate[];
  belonging: number;
  warmth: number;
  nothing: number;
}

/** `candidates` carry their share (0 to 1) as score. */
export interface Decision {
  outcome: 'product' | 'candidates' | 'unknown';
  candidates: Candidate[];
}

export function decide(found: Found, lines: Calibration): Decision {
  const floor = lines.belonging_cold + found.warmth * (lines.belonging_warm - lines.belonging_cold);
  const best = found.ranked[0];
  if (!best || found.belonging < floor || best.score < found.nothing + lines.lead_over_nothing) return { outcome: 'unknown', candidates: [] };
  const shared = shares(found.ranked, lines.sharpness);
  if (shared[0]!.score >= lines.clear_share && best.score >= lines.clear_score) return { outcome: 'product', candidates: shared.slice(0, 1) };
  return { outcome: 'candidates', candidates: shared.slice(0, MAX_CANDIDATES) };
}

/** The same candidates with the share of each among the best ten as score: a softmax. */
export function shares(ranked: readonly Candidate[], sharpness: number): Candidate[] {
  const over = ranked.slice(0, SHARE_OVER);
  const weights = over.map((one) => Math.exp(sharpness * (one.score - ranked[0]!.score)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return over.map((one, i) => ({ ...one, score: weights[i]! / total }));
}
