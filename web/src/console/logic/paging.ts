import type { Page } from '../api';

/** As many rows as a browser should hold of one list. */
export const MOST_ROWS = 5000;

export interface Whole<T> {
  rows: T[];
  /** The list is longer than MOST_ROWS: the rest was left out. */
  cut: boolean;
}

/** Every row of a cursor-paged list, from the first page on. `load` gets the cursor, '' for the first page. */
export async function whole<T>(load: (cursor: string) => Promise<Page<T>>, most = MOST_ROWS): Promise<Whole<T>> {
  const rows: T[] = [];
  let cursor = '';
  for (;;) {
    const page = await load(cursor);
    rows.push(...page.items);
    if (!page.next) return { rows, cut: false };
    if (rows.length >= most) return { rows, cut: true };
    cursor = page.next;
  }
}
