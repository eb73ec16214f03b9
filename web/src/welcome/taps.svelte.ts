/** Taps at a door: counted at once on the screen, sent together, kept on this device until the server has them. */
import { Problem } from '$lib/api';
import { uuid7 } from '$lib/ids';
import { keep, recall } from '$lib/storage';
import type { Crossing } from './client';

export interface Tap extends Crossing {
  door: string;
}
type Send = (door: string, crossings: Crossing[]) => Promise<unknown>;

const GATHER_MS = 700;
const AGAIN_MS = 4_000;
/** As many as one message may carry. */
const MOST = 200;

export class Taps {
  waiting = $state.raw<Tap[]>([]);
  /** The last attempt did not get through. */
  stuck = $state(false);
  refused = $state.raw<unknown>(null);
  #key: string;
  #send: Send;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;

  constructor(name: string, send: Send) {
    this.#key = `halles.taps.${name}`;
    this.#send = send;
    this.waiting = recall<Tap[]>(this.#key) ?? [];
  }

  /** One person in (1) or out (-1). */
  tap(door: string, change: 1 | -1): void {
    this.#set([...this.waiting, { door, event_id: uuid7(), at: new Date().toISOString(), inward: change > 0 ? 1 : 0, outward: change < 0 ? 1 : 0 }]);
    this.#soon(GATHER_MS);
  }

  /** Taps at a door that the server does not have yet, in and out. */
  pending(door: string): { inward: number; outward: number } {
    const here = this.waiting.filter((one) => one.door === door);
    return { inward: here.reduce((sum, one) => sum + one.inward, 0), outward: here.reduce((sum, one) => sum + one.outward, 0) };
  }

  /** Send what waits, door by door; what does not get through stays and is sent again with the same ids. */
  async flush(): Promise<void> {
    if (this.#busy || this.waiting.length === 0) return;
    this.#busy = true;
    clearTimeout(this.#timer);
    try {
      while (this.waiting.length) {
        const door = this.waiting[0]!.door;
        const batch = this.waiting.filter((one) => one.door === door).slice(0, MOST);
        const sent = new Set(batch.map((one) => one.event_id));
        try {
          await this.#send(door, batch.map(({ event_id, at, inward, outward }) => ({ event_id, at, inward, outward })));
          this.refused = null;
        } catch (error) {
          // What can never be accepted is let go and said; anything else waits for a better moment.
          if (!(error instanceof Problem) || ![404, 422].includes(error.status)) throw error;
          this.refused = error;
        }
        this.#set(this.waiting.filter((one) => !sent.has(one.event_id)));
      }
      this.stuck = false;
    } catch {
      this.stuck = true;
      this.#soon(AGAIN_MS);
    }
    this.#busy = false;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #set(taps: Tap[]): void {
    this.waiting = taps;
    keep(this.#key, taps.length ? taps : null);
  }
  #soon(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), ms);
  }
}
