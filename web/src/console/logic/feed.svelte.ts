/** How the line to the server is: `live` hears changes, `reconnecting` will again, `off` is not listening. */
export type LineState = 'off' | 'live' | 'reconnecting';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** Many changes within this time are one re-reading. */
const GATHER_MS = 400;

/**
 * Server-sent events that say "something changed"; the page then reads again.
 *
 * The browser reconnects by itself after a broken line, but gives up after a refusal: then this asks again, ever less
 * often. After each silence `changed` runs once, since what happened meanwhile was not heard.
 */
export class Feed {
  state = $state<LineState>('off');

  #url: string;
  #changed: () => void;
  #source: EventSource | null = null;
  #wait = FIRST_WAIT_MS;
  #again: ReturnType<typeof setTimeout> | undefined;
  #gather: ReturnType<typeof setTimeout> | undefined;
  #missed = false;

  constructor(url: string, changed: () => void) {
    this.#url = url;
    this.#changed = changed;
  }

  /** Begin to listen. Returns how to stop, for an effect. */
  start(): () => void {
    this.#open();
    return () => {
      clearTimeout(this.#again);
      clearTimeout(this.#gather);
      this.#source?.close();
      this.#source = null;
      this.state = 'off';
    };
  }

  #open(): void {
    const source = new EventSource(this.#url);
    this.#source = source;
    source.onopen = () => {
      this.state = 'live';
      this.#wait = FIRST_WAIT_MS;
      if (this.#missed) this.#soon();
      this.#missed = false;
    };
    source.addEventListener('changed', () => this.#soon());
    source.onmessage = () => this.#soon();
    source.onerror = () => {
      this.state = 'reconnecting';
      this.#missed = true;
      if (source.readyState !== EventSource.CLOSED) return;
      this.#again = setTimeout(() => this.#open(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    };
  }

  #soon(): void {
    clearTimeout(this.#gather);
    this.#gather = setTimeout(() => this.#changed(), GATHER_MS);
  }
}
