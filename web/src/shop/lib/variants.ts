/** Choosing a variant by its options: what exists, what is left, what to show first. Pure. */
import type { Variant } from '$lib/api';

export type Choice = Record<string, string>;
export interface Axis {
  name: string;
  values: { value: string; chosen: boolean; /** Exists together with the other choices. */ exists: boolean; available: boolean }[];
}

const value = (variant: Variant, name: string) => variant.options.find((option) => option.name === name)?.value;
export const choiceOf = (variant: Variant): Choice => Object.fromEntries(variant.options.map((option) => [option.name, option.value]));

/** The option names, in the order in which they first appear. */
export const axisNames = (variants: readonly Variant[]): string[] => [...new Set(variants.flatMap((variant) => variant.options.map((option) => option.name)))];

/** The only variant with all these choices; null while a choice is missing or the combination is not made. */
export function chosenVariant(variants: readonly Variant[], choice: Choice): Variant | null {
  const names = axisNames(variants);
  return variants.find((variant) => names.every((name) => value(variant, name) === choice[name])) ?? null;
}

/** Where to start: the wanted variant, else the first that is available, else the first. */
export function firstChoice(variants: readonly Variant[], wanted: number | null): Choice {
  const start = variants.find((variant) => variant.variant_id === wanted) ?? variants.find((variant) => variant.available !== 'no') ?? variants[0];
  return start ? choiceOf(start) : {};
}

/** Take one value; the other choices follow as far as the combination exists, else move to the nearest that does. */
export function choose(variants: readonly Variant[], choice: Choice, name: string, to: string): Choice {
  const wanted = { ...choice, [name]: to };
  if (chosenVariant(variants, wanted)) return wanted;
  const near = variants
    .filter((variant) => value(variant, name) === to)
    .map((variant) => ({ variant, same: variant.options.filter((option) => wanted[option.name] === option.value).length }))
    .sort((one, two) => two.same - one.same || rank(one.variant) - rank(two.variant))[0];
  return near ? choiceOf(near.variant) : choice;
}
const rank = (variant: Variant) => ({ yes: 0, few: 1, no: 2 })[variant.available];

export function axes(variants: readonly Variant[], choice: Choice): Axis[] {
  return axisNames(variants).map((name) => ({
    name,
    values: [...new Set(variants.map((variant) => value(variant, name)).filter((one): one is string => one !== undefined))].map((one) => {
      const variant = chosenVariant(variants, { ...choice, [name]: one });
      return { value: one, chosen: choice[name] === one, exists: !!variant, available: !!variant && variant.available !== 'no' };
    }),
  }));
}

/** Whether the pictures tell this option: each of its values has a picture of its own. */
function pictured(variants: readonly Variant[], name: string): boolean {
  const shots = new Map<string, Set<string>>();
  for (const variant of variants) {
    const one = value(variant, name) ?? '';
    shots.set(one, (shots.get(one) ?? new Set()).add(variant.images[0] ?? ''));
  }
  const seen = [...shots.values()].map((images) => (images.size === 1 ? [...images][0]! : ''));
  return seen.every(Boolean) && new Set(seen).size === seen.length;
}

/** What the shopper has yet to say: no picture shows it, and there is more than one. A size guessed for somebody is a parcel sent back. */
export const unsaid = (variants: readonly Variant[], said: readonly string[]): string[] =>
  axisNames(variants).filter((name) => !said.includes(name) && new Set(variants.map((variant) => value(variant, name))).size > 1 && !pictured(variants, name));

/** The variant to show for a choice; while something is unsaid, one that is left if there is one. */
export function shownFor(variants: readonly Variant[], choice: Choice, open: readonly string[]): Variant | null {
  const fitting = variants.filter((variant) => variant.options.every((option) => open.includes(option.name) || choice[option.name] === option.value));
  const exact = chosenVariant(variants, choice);
  return (open.length && exact?.available === 'no' ? fitting.find((variant) => variant.available !== 'no') : null) ?? exact;
}

/** "Sand, M": the options in words. */
export const inWords = (options: readonly { value: string }[]): string => options.map((option) => option.value).join(', ');
