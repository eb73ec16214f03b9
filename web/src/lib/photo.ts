/** Pictures on the device: made smaller before they travel. */

const LONGEST = 1280;

/** Size that fits into a square of `longest`, never larger than it was. */
export function fit(width: number, height: number, longest = LONGEST): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** A JPEG of at most 1280 px of what can be drawn: a video's frame or a decoded picture. */
export async function shrink(source: CanvasImageSource, width: number, height: number): Promise<Blob> {
  const size = fit(width, height);
  const canvas = Object.assign(document.createElement('canvas'), size);
  const brush = canvas.getContext('2d');
  if (!brush) throw new Error('no canvas');
  brush.drawImage(source, 0, 0, size.width, size.height);
  return await new Promise<Blob>((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('no picture'))), 'image/jpeg', 0.86));
}

/** A chosen file, upright and small. Raises when it is not a picture that this browser can read. */
export async function shrinkFile(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    return await shrink(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}
