import type { Hours } from '../api';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const SPAN = /^(\d{1,2})(?:[:h.](\d{2})?)?\s*(?:-|–|—|à|to)\s*(\d{1,2})(?:[:h.](\d{2})?)?$/i;

/** Opening hours of a day as a person writes them: `11:00–13:00, 14–19:30`, `11h-19h30`; '' is closed. Null when unclear. */
export function parseDay(text: string): [string, string][] | null {
  const parts = text.split(/[,;]/).map((part) => part.trim()).filter(Boolean);
  const spans: [string, string][] = [];
  for (const part of parts) {
    const match = SPAN.exec(part);
    if (!match) return null;
    const begin = clock(match[1]!, match[2]);
    const end = clock(match[3]!, match[4]);
    if (!begin || !end || end <= begin || (spans.at(-1)?.[1] ?? '') > begin) return null;
    spans.push([begin, end]);
  }
  return spans;
}

function clock(hours: string, minutes = '00'): string | null {
  if (Number(hours) > 24 || Number(minutes) > 59 || (Number(hours) === 24 && minutes !== '00')) return null;
  return `${hours.padStart(2, '0')}:${minutes}`;
}

export const dayText = (spans: readonly (readonly string[])[] | undefined): string => (spans ?? []).map(([begin, end]) => `${begin}–${end}`).join(', ');

/** A week from seven written days. Days that cannot be read are named in `wrong`; closed days leave no trace. */
export function parseWeek(texts: Record<string, string>): { hours: Hours; wrong: string[] } {
  const hours: Hours = {};
  const wrong: string[] = [];
  for (const day of DAYS) {
    const spans = parseDay(texts[day] ?? '');
    if (spans === null) wrong.push(day);
    else if (spans.length > 0) hours[day] = spans;
  }
  return { hours, wrong };
}

/** A week told shortly: days in a row with the same hours stand together. `first` and `last` count from Monday, 0. */
export function week(hours: Hours): { first: number; last: number; text: string }[] {
  const spans: { first: number; last: number; text: string }[] = [];
  for (const [at, day] of DAYS.entries()) {
    const text = dayText(hours[day]);
    const before = spans.at(-1);
    if (before?.text === text) before.last = at;
    else spans.push({ first: at, last: at, text });
  }
  return spans;
}
