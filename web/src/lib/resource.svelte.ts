/** Something read from the API: what is known stays on the screen while the next answer is on its way, and a late answer never wins. */
import { heard } from './signs.svelte';

export interface Resource<T> {
  readonly now: T | null;
  readonly error: unknown;
  readonly loading: boolean;
  /** Read again. */
  reload: () => Promise<void>;
  /** A newer state came another way: from a command's answer, from an event. */
  set: (value: T) => void;
}

/** Read with `load` now and whenever what it reads synchronously changes. `null` instead of a promise: not yet. */
export function resource<T>(load: () => Promise<T> | null): Resource<T> {
  let now = $state.raw<T | null>(null);
  let error = $state.raw<unknown>(null);
  let loading = $state(true);
  let turn = 0;

  async function take(promise: Promise<T> | null): Promise<void> {
    const mine = ++turn;
    if (!promise) return;
    loading = true;
    try {
      const value = await promise;
      if (mine !== turn) return;
      now = value;
      error = null;
      heard();
    } catch (problem) {
      if (mine !== turn) return;
      error = problem;
      heard(problem);
    }
    loading = false;
  }

  $effect(() => {
    void take(load());
  });
  return {
    get now() {
      return now;
    },
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    reload: () => take(load()),
    set(value: T) {
      turn += 1;
      now = value;
      error = null;
      loading = false;
    },
  };
}

/** A list that grows page by page as the reader goes on. */
export function pages<T>(load: (cursor: string | null) => Promise<{ items: T[]; next?: string | null }> | null) {
  let items = $state.raw<T[]>([]);
  let next = $state<string | null>(null);
  let loading = $state(true);
  let error = $state.raw<unknown>(null);
  let turn = 0;

  async function take(mine: number, cursor: string | null, promise: ReturnType<typeof load>): Promise<void> {
    if (!promise) return;
    loading = true;
    try {
      const page = await promise;
      if (mine !== turn) return;
      items = cursor ? [...items, ...page.items] : page.items;
      next = page.next ?? null;
      error = null;
      heard();
    } catch (problem) {
      if (mine !== turn) return;
      error = problem;
      heard(problem);
    }
    loading = false;
  }
  const first = () => take(++turn, null, load(null));
  $effect(() => {
    void first();
  });
  return {
    get items() {
      return items;
    },
    get next() {
      return next;
    },
    get loading() {
      return loading;
    },
    get error() {
      return error;
    },
    reload: first,
    more: () => (next && !loading ? take(turn, next, load(next)) : Promise.resolve()),
  };
}
