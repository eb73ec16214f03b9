/** What became of one field when two people edited the same thing. */
export interface Clash<K extends string = string> {
  field: K;
  theirs: unknown;
  mine: unknown;
}

export interface Merged<T extends object> {
  /** My changes over theirs; where both changed the same field, mine. */
  value: T;
  /** Fields that both changed, to different values. */
  clashes: Clash<Extract<keyof T, string>>[];
  /** Fields that only they changed, taken over. */
  taken: Extract<keyof T, string>[];
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Merge three versions of a record field by field: `base` as I opened it, `mine` as I edited it, `theirs` as it is now. */
export function merge<T extends object>(base: T, mine: T, theirs: T): Merged<T> {
  const value = { ...theirs };
  const clashes: Merged<T>['clashes'] = [];
  const taken: Merged<T>['taken'] = [];
  for (const field of Object.keys(base) as Extract<keyof T, string>[]) {
    const iChanged = !same(base[field], mine[field]);
    const theyChanged = !same(base[field], theirs[field]);
    if (iChanged) value[field] = mine[field];
    if (iChanged && theyChanged && !same(mine[field], theirs[field])) {
      clashes.push({ field, theirs: theirs[field], mine: mine[field] });
    } else if (theyChanged && !iChanged) taken.push(field);
  }
  return { value, clashes, taken };
}
