import type { Category } from '$lib/api';

/** Families with how many products each holds, in the order of the catalogue. Pure. */
export function familyCounts(categories: readonly Category[]): { family: string; title: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { family, count } of categories) counts.set(family, (counts.get(family) ?? 0) + count);
  return [...counts].map(([family, count]) => ({ family, title: family.charAt(0).toUpperCase() + family.slice(1), count }));
}

/** One of each list, then the second of each, until all are dealt. Pure. */
export function inTurn<T>(lists: readonly T[][]): T[] {
  const rounds = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: rounds }, (_, round) => lists.flatMap((list) => list.slice(round, round + 1))).flat();
}
