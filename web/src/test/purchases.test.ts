import { describe, expect, it } from 'vitest';
import { purchases, together } from '../lib/purchases';

const order = (order_id: string, parent_id: string | null = null) => ({ order_id, parent_id });

describe('what was bought together', () => {
  it('is one purchase, where its first part stands, the whole order first', () => {
    const found = purchases([order('a'), order('b2', 'b1'), order('b1', 'b1'), order('c')]);
    expect(found.map((one) => [one.id, one.parts.map((part) => part.order_id)])).toEqual([
      ['a', ['a']],
      ['b1', ['b1', 'b2']],
      ['c', ['c']],
    ]);
  });
  it('is not shown half when the list goes on', () => {
    const half = [order('a'), order('b1', 'b1')];
    expect(purchases(half, true).map((one) => one.id)).toEqual(['a']);
    expect(purchases(half).map((one) => one.id)).toEqual(['a', 'b1']);
    expect(purchases([order('b1', 'b1')], true)).toHaveLength(1);
    expect(purchases([order('a'), order('c')], true)).toHaveLength(2);
  });
  it('counts the parts that are in a list', () => {
    expect([...together([order('a'), order('b2', 'b1'), order('b1', 'b1')])]).toEqual([['b1', 2]]);
  });
});
