import { MOST_ROWS, whole } from './paging';
import type { Page } from '../api';

export type Load<T> = (cursor: string) => Promise<Page<T>>;

/**
 * A cursor-paged list on a page: the rows so far, whether there are more, and the last error.
 *
 * An answer that comes after a newer question is dropped. An error keeps the rows that were there.
 */
export class List<T> {
  rows = $state.raw<T[]>([]);
  next = $state<string | null>(null);
  busy = $state(false);
  /** True once the first page of the present question has come. */
  known = $state(false);
  /** The list was longer than a browser should hold, and was cut. */
  cut = $state(false);
  error = $state.raw<unknown>(null);

  #load: Load<T>;
  #turn = 0;

  constructor(load: Load<T>) {
    this.#load = load;
  }

  /** Ask from the first page on. `keep`: leave the present rows on screen until the answer comes. */
  async restart(keep = true): Promise<void> {
    if (!keep) {
      this.rows = [];
      this.known = false;
    }
    await this.#run(async () => {
      const page = await this.#load('');
      return () => this.#take(page.items, page.next ?? null);
    });
  }

  async more(): Promise<void> {
    const cursor = this.next;
    if (!cursor || this.busy) return;
    await this.#run(async () => {
      const page = await this.#load(cursor);
      return () => this.#take([...this.rows, ...page.items], page.next ?? null);
    });
  }

  /** Read the whole list: for sorting and for export. Returns false when it could not be read. */
  async all(): Promise<boolean> {
    if (this.known && !this.next) return true;
    return await this.#run(async () => {
      const { rows, cut } = await whole(this.#load, MOST_ROWS);
      return () => {
        this.#take(rows, null);
        this.cut = cut;
      };
    });
  }

  #take(rows: T[], next: string | null): void {
    this.rows = rows;
    this.next = next;
    this.known = true;
    this.cut = false;
  }

  async #run(work: () => Promise<() => void>): Promise<boolean> {
    const turn = (this.#turn += 1);
    this.busy = true;
    try {
      const apply = await work();
      if (turn !== this.#turn) return false;
      apply();
      this.error = null;
      return true;
    } catch (error) {
      if (turn === this.#turn) this.error = error;
      return false;
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }
}
