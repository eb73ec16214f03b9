/**
 * A part of the index as it travels: how it is laid out is told by the server's `vision/rules/phone_index.py`, which writes it.
 */
import { unit } from './centring';
import type { Row } from './search';

const MAGIC = 0x31505648;
const HEAD = 16;

/** Raises when the bytes are not a whole part of an index of `dim` numbers a vector. */
export function unpack(bytes: ArrayBuffer, dim: number): Row[] {
  const view = new DataView(bytes);
  if (bytes.byteLength < HEAD || view.getUint32(0, true) !== MAGIC || view.getUint32(8, true) !== dim) throw new Error('not a part of this index');
  const rows = view.getUint32(4, true);
  const short = view.getUint32(12, true);
  const variants = HEAD + rows * 16;
  const steps = variants + rows * 8;
  const scales = steps + rows * 4;
  const kinds = scales + rows * 4;
  const small = kinds + rows;
  const whole = small + (rows * short) / 2;
  if (bytes.byteLength !== whole + rows * (dim - short)) throw new Error('a part of the index is cut short');
  return Array.from({ length: rows }, (_, i) => {
    const variant = view.getFloat64(variants + i * 8, true);
    return {
      product_id: uuid(new Uint8Array(bytes, HEAD + i * 16, 16)),
      variant_id: Number.isNaN(variant) ? null : variant,
      shop: view.getUint8(kinds + i) === 1,
      vector: vector(new Uint8Array(bytes, small + (i * short) / 2, short / 2), view.getFloat32(steps + i * 4, true), new Int8Array(bytes, whole + i * (dim - short), dim - short), view.getFloat32(scales + i * 4, true)),
    };
  });
}

/** Two numbers of four bits in each byte, then numbers of eight. */
function vector(small: Uint8Array, step: number, whole: Int8Array, scale: number): Float32Array {
  const found = new Float32Array(small.length * 2 + whole.length);
  small.forEach((pair, i) => {
    found[2 * i] = (pair & 15) * step;
    found[2 * i + 1] = (pair >> 4) * step;
  });
  whole.forEach((value, i) => (found[small.length * 2 + i] = value * scale));
  return unit(found);
}

function uuid(bytes: Uint8Array): string {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
}
