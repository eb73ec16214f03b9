import { describe, expect, it } from 'vitest';
import type { Available, Variant } from '$lib/api';
import { axes, choose, chosenVariant, firstChoice, inWords, shownFor, unsaid } from '../shop/lib/variants';

let number = 0;
const variant = (options: Record<string, string>, available: Available = 'yes'): Variant => ({
  variant_id: ++number,
  sku: `S${number}`,
  gtin: null,
  options: Object.entries(options).map(([name, value]) => ({ name, value })),
  images: [],
  price: { minor: 1000, currency: 'EUR' },
  label_price: null,
  unit_price: null,
  tax: null,
  available,
  left: null,
  promise: null,
});
const coat = [
  variant({ colour: 'Sand', size: '36' }, 'no'),
  variant({ colour: 'Sand', size: '38' }),
  variant({ colour: 'Navy', size: '38' }, 'few'),
  variant({ colour: 'Navy', size: '42' }),
];

describe('choosing a variant', () => {
  it('starts with the one asked for, else with one that is left', () => {
    expect(firstChoice(coat, coat[0]!.variant_id)).toEqual({ colour: 'Sand', size: '36' });
    expect(firstChoice(coat, null)).toEqual({ colour: 'Sand', size: '38' });
    expect(firstChoice([], null)).toEqual({});
  });
  it('keeps the size when the colour changes, if it exists', () => {
    expect(choose(coat, { colour: 'Sand', size: '38' }, 'colour', 'Navy')).toEqual({ colour: 'Navy', size: '38' });
  });
  it('moves to a size that exists in the new colour', () => {
    expect(choose(coat, { colour: 'Sand', size: '36' }, 'colour', 'Navy')).toEqual({ colour: 'Navy', size: '42' });
  });
  it('stays where it is when nothing has the value', () => {
    expect(choose(coat, { colour: 'Sand', size: '38' }, 'colour', 'Gold')).toEqual({ colour: 'Sand', size: '38' });
  });
  it('tells what exists and what is left beside the present choice', () => {
    const [colour, size] = axes(coat, { colour: 'Sand', size: '38' });
    expect(colour!.values.map((one) => [one.value, one.chosen])).toEqual([['Sand', true], ['Navy', false]]);
    expect(size!.values).toEqual([
      { value: '36', chosen: false, exists: true, available: false },
      { value: '38', chosen: true, exists: true, available: true },
      { value: '42', chosen: false, exists: false, available: false },
    ]);
  });
  it('asks for what no picture tells, until it is said', () => {
    const pictured = coat.map((one) => ({ ...one, images: [one.options[0]!.value] }));
    expect(unsaid(pictured, [])).toEqual(['size']);
    expect(unsaid(pictured, ['size'])).toEqual([]);
    expect(unsaid(coat, [])).toEqual(['colour', 'size']);
    expect(unsaid([variant({ size: 'one size' })], [])).toEqual([]);
  });
  it('shows one that is left while the size is unsaid, and the very one once it is said', () => {
    expect(shownFor(coat, { colour: 'Sand', size: '36' }, ['size'])).toBe(coat[1]);
    expect(shownFor(coat, { colour: 'Sand', size: '36' }, [])).toBe(coat[0]);
  });
  it('knows a product without options', () => {
    const jam = [variant({})];
    expect(chosenVariant(jam, {})).toBe(jam[0]);
    expect(axes(jam, {})).toEqual([]);
    expect(inWords(coat[1]!.options)).toBe('Sand, 38');
  });
});
