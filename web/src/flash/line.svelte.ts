/** A sale as this page sees it: the shared counter as it comes, the own ticket, and the server's clock. */
import { Problem } from '$lib/api';
import { ensureShopper } from '$lib/session.svelte';
import { flash, type Counter, type Ticket } from './client';

const AGAIN_MS = 4_000;
/** Everybody learns at the same second that the draw is done: they ask for their place within this time, not all at once. */
const SPREAD_MS = 3_000;

export class Line {
  counter = $state.raw<Counter | null>(null);
  ticket = $state.raw<Ticket | null>(null);
  /** Milliseconds of the server's clock now. */
  now = $state(Date.now());
  silent = $state(false);
  working = $state(false);
  asking = $state(false);
  failure = $state.raw<unknown>(null);

  #offset = 0;
  #sale: string;
  #source: EventSource | null = null;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #due: string | null = null;

  constructor(sale_id: string) {
    this.#sale = sale_id;
  }

  /** Begin to listen; returns how to stop. */
  start(counter: Counter): () => void {
    this.#hear(counter);
    this.#open();
    const tick = setInterval(() => (this.now = Date.now() + this.#offset), 250);
    return () => {
      clearInterval(tick);
      this.#timers.forEach(clearTimeout);
      this.#source?.close();
    };
  }

  /** People before this ticket, from the shared counter. Null before the draw. */
  get ahead(): number | null {
    return this.ticket?.place && this.counter ? Math.max(0, this.ticket.place - this.counter.admitted_to - 1) : null;
  }
  /** Seconds until the turn comes, at the line's pace; null while it stands still. */
  get eta(): number | null {
    const rate = this.counter?.rate_per_s ?? 0;
    return this.ahead === null || rate < 0.002 ? null : (this.ahead + 1) / rate;
  }
  /** Seconds until a moment, by the server's clock. */
  until(moment: string | null | undefined): number {
    return moment ? (Date.parse(moment) - this.now) / 1000 : 0;
  }

  /** Take a ticket, or the turn. */
  async ask(again = false): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.failure = null;
    try {
      await ensureShopper();
      this.ticket = await flash.ask(this.#sale, again, () => (this.working = true));
    } catch (error) {
      this.failure = error;
    }
    this.asking = this.working = false;
  }

  /** Ask where the ticket stands; having none is no failure. */
  async look(): Promise<void> {
    try {
      this.ticket = await flash.ticket(this.#sale);
      this.#react();
    } catch (error) {
      if (!(error instanceof Problem) || (error.status !== 404 && error.status !== 401)) this.failure = error;
    }
  }

  #hear(counter: Counter): void {
    const offset = Date.parse(counter.now) - Date.now();
    // The news that travelled fastest tells the clock best.
    this.#offset = this.counter ? Math.max(this.#offset, offset) : offset;
    this.now = Date.now() + this.#offset;
    const before = this.counter?.phase;
    this.counter = counter;
    if (before && before !== counter.phase && this.ticket) this.#later('phase', 1_000);
    this.#react();
  }

  /** What the counter means for this ticket: drawn now, or my turn. */
  #react(): void {
    const { ticket, counter } = this;
    if (!ticket || !counter) return;
    if (ticket.place === null && counter.drawn !== null) this.#later('draw', SPREAD_MS);
    else if (ticket.state === 'waiting' && ticket.place !== null && ticket.place <= counter.admitted_to && counter.phase === 'running') this.#take();
    else if (ticket.state === 'your_turn') this.#take();
    else if (ticket.state === 'admitted' && this.until(ticket.until) <= 0) this.#later('lost', 1_000);
  }

  #take(): void {
    if (!this.asking) void this.ask();
  }

  #later(why: string, within: number): void {
    if (this.#due === why) return;
    this.#due = why;
    this.#timers.push(
      setTimeout(() => {
        this.#due = null;
        void this.look();
      }, Math.random() * within),
    );
  }

  #open(): void {
    this.#source = new EventSource(flash.events(this.#sale));
    this.#source.addEventListener('counter', (event) => {
      this.silent = false;
      this.#hear(JSON.parse((event as MessageEvent<string>).data) as Counter);
    });
    this.#source.onerror = () => {
      this.silent = true;
      if (this.#source?.readyState === EventSource.CLOSED) this.#timers.push(setTimeout(() => this.#open(), AGAIN_MS + Math.random() * AGAIN_MS));
    };
  }
}
