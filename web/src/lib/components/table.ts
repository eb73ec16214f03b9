/** What a table does with its rows, without the page: sort, filter, export. */
import type { Snippet } from 'svelte';

export interface Column<Row> {
  key: string;
  title: string;
  /** What is sorted, filtered, shown and exported, unless the other fields say better. */
  value: (row: Row) => string | number | null | undefined;
  /** How it is shown. */
  cell?: Snippet<[Row]>;
  text?: (row: Row) => string;
  csv?: (row: Row) => string | number | null | undefined;
  sort?: boolean;
  /** Numbers stand at the end of their column. */
  align?: 'start' | 'end';
  /** Left out on a narrow screen. */
  wide?: boolean;
}
export type Order = { key: string; down: boolean } | null;

export function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: Order, tag: string): Row[] {
  const column = order && columns.find((one) => one.key === order.key);
  if (!column) return [...rows];
  const compare = new Intl.Collator(tag, { numeric: true, sensitivity: 'base' }).compare;
  const sign = order.down ? -1 : 1;
  return [...rows].sort((one, two) => {
    const [a, b] = [column.value(one), column.value(two)];
    if (a === b) return 0;
    if (a === null || a === undefined) return 1; // what is not known stays at the end, both ways
    if (b === null || b === undefined) return -1;
    return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b)));
  });
}

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Rows in which every word of `wanted` appears somewhere; accents and case do not matter. */
export function filtered<Row>(rows: readonly Row[], columns: readonly Column<Row>[], wanted: string): Row[] {
  const words = plain(wanted).split(/\s+/).filter(Boolean);
  if (!words.length) return [...rows];
  return rows.filter((row) => {
    const all = plain(columns.map((column) => `${column.value(row) ?? ''} ${column.text?.(row) ?? ''}`).join(' '));
    return words.every((word) => all.includes(word));
  });
}

/** RFC 4180 with a byte order mark, so that spreadsheets read the accents. A text that a spreadsheet would run is quoted as text. */
export function toCsv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cell = (value: string | number | null | undefined) => {
    if (value === null || value === undefined) return '';
    if (typeof value === 'number') return String(value);
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",;\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [columns.map((column) => cell(column.title)), ...rows.map((row) => columns.map((column) => cell((column.csv ?? column.value)(row))))];
  return `\uFEFF${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}

export function download(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
