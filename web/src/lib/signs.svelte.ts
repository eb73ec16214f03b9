/** Calm signs: short notes that come and go, and whether the network answers. */
import { Offline, reached } from './api/client';

export type Tone = 'done' | 'pending' | 'refused' | 'offline';
export interface Sign {
  id: number;
  tone: Tone;
  text: string;
  action?: { label: string; run: () => void };
}

let counter = 0;
const shown = $state<Sign[]>([]);
const network = $state({ away: typeof navigator !== 'undefined' && navigator.onLine === false });

export const signs = shown;
export const away = (): boolean => network.away;

/** Show a note; it leaves by itself after six seconds, or never if it needs a decision. Returns how to take it away. */
export function sign(tone: Tone, text: string, action?: Sign['action'], stay = false): () => void {
  const id = ++counter;
  shown.push({ id, tone, text, action });
  if (shown.length > 3) shown.shift();
  const remove = () => {
    const at = shown.findIndex((one) => one.id === id);
    if (at >= 0) shown.splice(at, 1);
  };
  if (!stay) setTimeout(remove, 6_000);
  return remove;
}

/** What was done on the page before is no news on the next. */
export function turnPage(): void {
  for (let at = shown.length - 1; at >= 0; at -= 1) if (shown[at]!.tone === 'done') shown.splice(at, 1);
}

/** Tell the network sign what an answer, or a missing one, showed. */
export function heard(error?: unknown): void {
  network.away = error instanceof Offline || !reached();
}

/** Listen to the device. `back` runs when the network returns. */
export function watchNetwork(back: () => void): () => void {
  const on = () => {
    network.away = false;
    back();
  };
  const off = () => (network.away = true);
  window.addEventListener('online', on);
  window.addEventListener('offline', off);
  return () => {
    window.removeEventListener('online', on);
    window.removeEventListener('offline', off);
  };
}
