/** A door as this page sees it: the shared state as it comes, and the visitor's own bookings and tickets. */
import { follow } from '$lib/live';
import { known } from '$lib/session.svelte';
import { welcome, type Booking, type Door, type Ticket } from './client';

const isDoor = (said: object): said is Door => 'zones' in said && 'queue' in said;
/** Everybody in a queue hears of a change at once: they ask for their own place within this time, not all together. */
const SPREAD_MS = 800;
const MINUTE_MS = 60_000;

export class LiveDoor {
  door = $state.raw<Door | null>(null);
  bookings = $state.raw<Booking[]>([]);
  tickets = $state.raw<Ticket[]>([]);
  silent = $state(false);
  failure = $state.raw<unknown>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The ticket that matters: one that is open, else one that ended a moment ago. */
  get ticket(): Ticket | null {
    return this.tickets.find((one) => one.state === 'waiting' || one.state === 'called') ?? this.tickets[0] ?? null;
  }
  get booked(): Booking[] {
    return this.bookings.filter((one) => one.state === 'booked' || one.state === 'arrived');
  }

  /** Begin to listen; returns how to stop. `own`: read what the visitor holds, too. */
  start(place_id: number, own: boolean): () => void {
    const stop = follow<Door>(
      {
        events: welcome.events(place_id),
        ask: () => welcome.place(place_id),
        on: (door) => {
          this.door = door;
          if (own) this.#soon(place_id);
        },
        flowing: (flows) => (this.silent = !flows),
      },
      isDoor,
    );
    if (own) void this.look(place_id);
    // What the clock alone changes, nobody announces: opening, closing, a wait that grew shorter.
    const minute = setInterval(() => void welcome.place(place_id).then((door) => (this.door = door), () => undefined), MINUTE_MS + Math.random() * SPREAD_MS);
    return () => {
      clearInterval(minute);
      clearTimeout(this.#timer);
      stop();
    };
  }

  /** Read the visitor's own bookings and tickets; somebody new has none. */
  async look(place_id: number): Promise<void> {
    if (!known()) return;
    try {
      const mine = await welcome.mine(place_id);
      this.bookings = mine.bookings;
      this.tickets = mine.tickets;
    } catch (error) {
      this.failure = error;
    }
  }

  #soon(place_id: number): void {
    if (!this.ticket && this.bookings.length === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(place_id), Math.random() * SPREAD_MS);
  }
}
