/**
 * Looking live: a few frames a second, only while there is something new to see. It rests while the page is hidden, and when nothing has moved
 * for a while; a slow phone is asked less often, so that the picture stays smooth and the battery lasts.
 */
import { clamp } from './pixels';
import { Steady, type Shown } from './steady';
import type { Answer, Hint } from './types';

export interface Heard {
  shown: Shown | null;
  hint: Hint;
  /** Two products were clearly seen. */
  two: boolean;
  /** Nothing moves, so nothing is looked at. */
  resting: boolean;
}
type Recognise = (frame: ImageData, options: { live: boolean }) => Promise<Answer>;

const LONGEST = 960;
/** Frames of the same still picture that are looked at before it rests. */
const STILL_FRAMES = 10;
const MOVED = 5;
const SIDE = 24;

/** Until the returned function is called. `video` is null while nobody looks through it. */
export function watch(video: () => HTMLVideoElement | null, recognise: Recognise, onheard: (heard: Heard) => void): () => void {
  let gone = false;
  const steady = new Steady();
  const canvas = document.createElement('canvas');
  const brush = canvas.getContext('2d', { willReadFrequently: true });
  const thumb = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
  const pencil = thumb.getContext('2d', { willReadFrequently: true });
  let before: Uint8ClampedArray | null = null;
  let still = 0;
  let wait = 200;

  async function run(): Promise<void> {
    while (!gone && brush && pencil) {
      await new Promise((done) => setTimeout(done, wait));
      const from = video();
      if (gone || !from?.videoWidth || document.hidden) continue;
      pencil.drawImage(from, 0, 0, SIDE, SIDE);
      const now = pencil.getImageData(0, 0, SIDE, SIDE).data;
      still = before && difference(before, now) < MOVED ? still + 1 : 0;
      if (still > STILL_FRAMES) {
        wait = 400;
        if (still === STILL_FRAMES + 1) onheard({ ...last, resting: true });
        continue;
      }
      before = now;
      const scale = Math.min(1, LONGEST / Math.max(from.videoWidth, from.videoHeight));
      canvas.width = Math.round(from.videoWidth * scale);
      canvas.height = Math.round(from.videoHeight * scale);
      brush.drawImage(from, 0, 0, canvas.width, canvas.height);
      const began = performance.now();
      const answer = await recognise(brush.getImageData(0, 0, canvas.width, canvas.height), { live: true }).catch(() => null);
      wait = clamp(performance.now() - began, 120, 1_500);
      if (gone || !answer) continue;
      last = { shown: steady.hear(answer), hint: answer.hint, two: answer.parts.length > 1, resting: false };
      onheard(last);
    }
  }
  let last: Heard = { shown: null, hint: null, two: false, resting: false };
  void run();
  return () => {
    gone = true;
  };
}

function difference(one: Uint8ClampedArray, other: Uint8ClampedArray): number {
  let sum = 0;
  for (let i = 0; i < one.length; i += 4) sum += Math.abs(one[i]! - other[i]!) + Math.abs(one[i + 1]! - other[i + 1]!) + Math.abs(one[i + 2]! - other[i + 2]!);
  return sum / (0.75 * one.length);
}

/** A box in the film's picture → pixels in the element that shows it, which may cut or letterbox it. */
export function onScreen(box: { x: number; y: number; width: number; height: number }, film: { width: number; height: number }, screen: { width: number; height: number }, fit: 'cover' | 'contain') {
  const across = screen.width / film.width;
  const down = screen.height / film.height;
  const scale = fit === 'cover' ? Math.max(across, down) : Math.min(across, down);
  const left = (screen.width - film.width * scale) / 2;
  const top = (screen.height - film.height * scale) / 2;
  return { x: left + box.x * film.width * scale, y: top + box.y * film.height * scale, width: box.width * film.width * scale, height: box.height * film.height * scale };
}
