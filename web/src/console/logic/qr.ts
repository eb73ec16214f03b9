import wasm from 'zxing-wasm/writer/zxing_writer.wasm?url';

/** The QR code of a text as an SVG document. The writer is fetched from this server when it is first needed. */
export async function qrSvg(text: string): Promise<string> {
  const { prepareZXingModule, writeBarcode } = await import('zxing-wasm/writer');
  prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasm : prefix + path) } });
  const drawn = await writeBarcode(text, { format: 'QRCode' });
  if (drawn.error) throw new Error(drawn.error);
  return drawn.svg;
}
