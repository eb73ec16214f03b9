/** The camera itself: asking for it, its state, a picture from it, and the codes that pass before it. */
import { shrink } from './photo';

export type LensState = 'asking' | 'open' | 'denied' | 'none';
const WISH = { audio: false, video: { facingMode: { ideal: 'environment' }, width: { ideal: 1920 }, height: { ideal: 1440 } } };
const ABSENT = ['NotFoundError', 'OverconstrainedError', 'NotReadableError'];

export class Lens {
  state = $state<LensState>('asking');
  #stream = $state.raw<MediaStream | null>(null);

  /** Ask for the camera. Raises nothing: `state` tells. */
  async open(): Promise<void> {
    if (!navigator.mediaDevices?.getUserMedia) {
      this.state = 'none';
      return;
    }
    this.state = 'asking';
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia(WISH);
      this.state = 'open';
    } catch (error) {
      this.state = error instanceof DOMException && ABSENT.includes(error.name) ? 'none' : 'denied';
    }
  }

  shut(): void {
    this.#stream?.getTracks().forEach((track) => track.stop());
  }

  /** Let the picture run in `video`; again after a pause. */
  async show(video: HTMLVideoElement): Promise<void> {
    if (!this.#stream) return;
    if (video.srcObject !== this.#stream) video.srcObject = this.#stream;
    await video.play().catch(() => undefined);
  }
}

/** What the lens sees now, made small; null while it is still black. */
export async function take(video: HTMLVideoElement): Promise<Blob | null> {
  return (await seen(video)) ? shrink(video, video.videoWidth, video.videoHeight) : null;
}

/** A frame has really come: in its first moments an open lens is black. */
function seen(from: HTMLVideoElement): Promise<boolean> {
  if (!('requestVideoFrameCallback' in from)) return Promise.resolve((from as HTMLVideoElement).videoWidth > 0);
  return new Promise((done) => from.requestVideoFrameCallback(() => done(from.videoWidth > 0)));
}

/**
 * Look for a code three times a second until the returned function is called; the reader is fetched only now. `video` is null while
 * nobody looks through it.
 */
export function watchCodes(video: () => HTMLVideoElement | null, oncode: (code: string) => void): () => void {
  let gone = false;
  void (async () => {
    const { readCode } = await import('./barcode').catch(() => ({ readCode: null }));
    if (!readCode) return; // offline at the first visit: photographs still work
    const canvas = document.createElement('canvas');
    const brush = canvas.getContext('2d', { willReadFrequently: true });
    let last = '';
    while (!gone && brush) {
      await new Promise((done) => setTimeout(done, 300));
      const from = gone ? null : video(); // what `video` asks went with the page
      if (!from?.videoWidth || document.hidden) continue;
      const scale = Math.min(1, 960 / from.videoWidth);
      canvas.width = from.videoWidth * scale;
      canvas.height = from.videoHeight * scale;
      brush.drawImage(from, 0, 0, canvas.width, canvas.height);
      const code = await readCode(brush.getImageData(0, 0, canvas.width, canvas.height)).catch(() => null);
      // Twice the same: a code read from a passing stripe pattern once is not a code.
      if (code && code === last && !gone && video()) oncode(code);
      last = code ?? '';
    }
  })();
  return () => {
    gone = true;
  };
}
