/** How features become comparable: the same rules as the server's `vision/rules/centring.py`, held together by shared cases. Pure. */

export const PRIOR_PHOTOS = 10;
export const PRIOR_PRODUCTS = 10;
const MEMORY_PHOTOS = 10_000;
const SMALLEST = 1e-12;

/** The running mean of unit vectors of `photos` photos. */
export interface PhotoMean {
  photos: number;
  mean: Float32Array;
}

export function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!;
  return sum;
}

/** At unit length; a zero vector stays zero. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.max(Math.sqrt(dot(vector, vector)), SMALLEST);
  return vector.map((value) => value / length);
}

/** Signed power of each feature, then unit length. */
export function powered(features: Float32Array, power: number): Float32Array {
  return unit(power === 1 ? features : features.map((value) => Math.sign(value) * Math.abs(value) ** power));
}

/** A unit vector seen from its domain's mean, unit length again. */
export function centred(vector: Float32Array, mean: Float32Array): Float32Array {
  return unit(vector.map((value, i) => value - mean[i]!));
}

export const noPhotos = (dim: number): PhotoMean => ({ photos: 0, mean: new Float32Array(dim) });

/** Both means as one. Joining nothing changes nothing. */
export function joined(one: PhotoMean, other: PhotoMean): PhotoMean {
  const total = one.photos + other.photos;
  if (!total) return one;
  return { photos: Math.min(total, MEMORY_PHOTOS), mean: one.mean.map((value, i) => (value * one.photos + other.mean[i]! * other.photos) / total) };
}

/** The mean to take from photos: what is known, pulled towards the start value while little is known. */
export const assumedMean = (known: PhotoMean, start: Float32Array): Float32Array => joined({ photos: PRIOR_PHOTOS, mean: start }, known).mean;

export function meanOf(vectors: readonly Float32Array[], dim: number): Float32Array {
  const sum = new Float64Array(dim);
  for (const vector of vectors) for (let i = 0; i < dim; i++) sum[i]! += vector[i]!;
  return Float32Array.from(sum, (value) => value / Math.max(vectors.length, 1));
}

/** The mean to take from catalogue pictures: shorter when the products are few. */
export function catalogueMean(pictures: readonly Float32Array[], products: number, dim: number): Float32Array {
  const share = products / (products + PRIOR_PRODUCTS);
  return meanOf(pictures, dim).map((value) => value * share);
}

/** How far the mean of photos may be trusted, 0 to 1. */
export const warmth = (photos: number): number => photos / (photos + PRIOR_PHOTOS);
