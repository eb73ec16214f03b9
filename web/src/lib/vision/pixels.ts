/** What is done with pixels before the network sees them. Pure. */
import type { Box, Hint } from './types';

/** The central share of each side of a picture. */
export const centreBox = (crop: number): Box => ({ x: (1 - crop) / 2, y: (1 - crop) / 2, width: crop, height: crop });

/**
 * RGBA of `width` × `height` made `side` × `side` with an antialiasing triangle filter, as Pillow's BILINEAR does, and laid out as the network
 * wants it: three planes, `(value − mean) / std`.
 */
export function planes(rgba: Uint8ClampedArray, width: number, height: number, side: number, mean: readonly number[], std: readonly number[]): Float32Array {
  const across = taps(width, side);
  const down = taps(height, side);
  const narrow = new Float32Array(side * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < side; x++) {
      const { from, weights } = across[x]!;
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0, at = (y * width + from) * 4; k < weights.length; k++, at += 4) {
        const weight = weights[k]!;
        r += rgba[at]! * weight;
        g += rgba[at + 1]! * weight;
        b += rgba[at + 2]! * weight;
      }
      const to = (y * side + x) * 3;
      narrow[to] = r;
      narrow[to + 1] = g;
      narrow[to + 2] = b;
    }
  }
  const found = new Float32Array(3 * side * side);
  for (let y = 0; y < side; y++) {
    const { from, weights } = down[y]!;
    for (let x = 0; x < side; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += narrow[((from + k) * side + x) * 3 + c]! * weights[k]!;
        found[c * side * side + y * side + x] = (sum - mean[c]!) / std[c]!;
      }
    }
  }
  return found;
}

/** For each of `side` places: the first of `size` pixels that counts, and how much each counts from there on. */
function taps(size: number, side: number): { from: number; weights: Float32Array }[] {
  const scale = size / side;
  const reach = Math.max(1, scale);
  return Array.from({ length: side }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const from = Math.max(0, Math.floor(centre - reach + 0.5));
    const to = Math.min(size, Math.floor(centre + reach + 0.5));
    const weights = Float32Array.from({ length: Math.max(1, to - from) }, (__, k) => Math.max(0, 1 - Math.abs((from + k + 0.5 - centre) / reach)));
    const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
    return { from: Math.min(from, size - 1), weights: weights.map((weight) => weight / total) };
  });
}

const DARK = 42;
const BRIGHT = 232;
const SHARP = 0.016;

/**
 * What would make a better photo, told from the planes. Dark and bright: the mean luma, of 255. Blurred: the mean of |Laplacian| beside the
 * picture's contrast; a blank wall has neither and is not called blurred.
 */
export function hintOf(rgb: Float32Array, side: number, mean: readonly number[], std: readonly number[]): Hint {
  const { light, contrast, detail } = measure(rgb, side, mean, std);
  if (light < DARK) return 'dark';
  if (light > BRIGHT && contrast < 20) return 'bright';
  return contrast > 12 && detail / contrast < SHARP * 4 ? 'blurred' : null;
}

export function measure(rgb: Float32Array, side: number, mean: readonly number[], std: readonly number[]): { light: number; contrast: number; detail: number } {
  const n = side * side;
  const luma = new Float32Array(n);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const value = 0.299 * (rgb[i]! * std[0]! + mean[0]!) + 0.587 * (rgb[n + i]! * std[1]! + mean[1]!) + 0.114 * (rgb[2 * n + i]! * std[2]! + mean[2]!);
    luma[i] = value;
    sum += value;
    squares += value * value;
  }
  let edges = 0;
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      const i = y * side + x;
      edges += Math.abs(4 * luma[i]! - luma[i - 1]! - luma[i + 1]! - luma[i - side]! - luma[i + side]!);
    }
  }
  const light = sum / n;
  return { light, contrast: Math.sqrt(Math.max(0, squares / n - light * light)), detail: edges / ((side - 2) * (side - 2)) };
}

/**
 * Where in the picture something lies that looks like `product`: of the last map's cells (channels × side × side) the middle and the spread of
 * those most like it. `crop` is the part of the picture that the network saw.
 */
export function boxOf(cells: Float32Array, side: number, product: Float32Array, crop: Box): Box {
  const count = side * side;
  const channels = cells.length / count;
  const like = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    let length = 0;
    for (let c = 0; c < channels; c++) {
      const value = Math.max(0, cells[c * count + i]!);
      sum += Math.sqrt(value) * product[c]!;
      length += value;
    }
    like[i] = sum / Math.max(Math.sqrt(length), 1e-6);
  }
  const mean = like.reduce((sum, value) => sum + value, 0) / count;
  const weights = like.map((value) => Math.max(0, value - mean) ** 2);
  const total = weights.reduce((sum, value) => sum + value, 0);
  if (total < 1e-12) return crop;
  const moment = (of: (i: number) => number) => weights.reduce((sum, weight, i) => sum + weight * of(i), 0) / total;
  const column = (i: number) => ((i % side) + 0.5) / side;
  const row = (i: number) => (Math.floor(i / side) + 0.5) / side;
  const [x, y] = [moment(column), moment(row)];
  const wide = clamp(4 * Math.sqrt(moment((i) => (column(i) - x) ** 2)), 0.35, 1);
  const high = clamp(4 * Math.sqrt(moment((i) => (row(i) - y) ** 2)), 0.35, 1);
  const left = clamp(x - wide / 2, 0, 1 - wide);
  const top = clamp(y - high / 2, 0, 1 - high);
  return { x: crop.x + left * crop.width, y: crop.y + top * crop.height, width: wide * crop.width, height: high * crop.height };
}

export const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
