import { afterEach, describe, expect, it, vi } from 'vitest';
import { api, type Candidate, type PhotoAnswer, type ProductCard } from '$lib/api';
import { asTheyLie, better, secondLook } from '../shop/lib/second_look';

const one = (product_id: string, left?: number): Candidate => ({
  product: { product_id } as ProductCard,
  variant_id: null,
  score: 0.5,
  box: left === undefined ? null : { left, top: 0, width: 0.2, height: 0.2 },
});
const answer = (more: Partial<PhotoAnswer> = {}): PhotoAnswer => ({
  match_id: 'm',
  outcome: 'candidates',
  by: 'picture',
  gtin: null,
  candidates: [one('a'), one('b')],
  took_ms: 0,
  ...more,
});
const query = { touchpoint: null, currency: 'EUR', lang: 'en' };
const now = () => Promise.resolve();

describe('the second look at a photo', () => {
  afterEach(() => vi.restoreAllMocks());

  it('asks until the package is read', async () => {
    const asked = vi.spyOn(api, 'photoNow').mockResolvedValueOnce(answer({ refines: true })).mockResolvedValueOnce(answer({ candidates: [one('b')] }));
    const told = await secondLook('m', query, () => true, now);
    expect(told?.candidates.map((it) => it.product.product_id)).toEqual(['b']);
    expect(asked).toHaveBeenCalledTimes(2);
  });
  it('leaves the first answer when nobody waits, the network goes, or it takes too long', async () => {
    const asked = vi.spyOn(api, 'photoNow').mockResolvedValue(answer({ refines: true }));
    expect(await secondLook('m', query, () => false, now)).toBeNull();
    expect(asked).not.toHaveBeenCalled();
    expect(await secondLook('m', query, () => true, now)).toBeNull();
    asked.mockRejectedValue(new Error('away'));
    expect(await secondLook('m', query, () => true, now)).toBeNull();
  });
  it('offers what says something else, and nothing else', () => {
    const shown = answer();
    expect(better(shown, answer({ candidates: [one('a'), one('c')] }))).toBeNull();
    expect(better(shown, answer({ candidates: [] }))).toBeNull();
    expect(better(shown, answer({ candidates: [one('b'), one('a')] }))).not.toBeNull();
    expect(better(shown, answer({ outcome: 'product', candidates: [one('a')] }))).not.toBeNull();
    expect(better(shown, answer({ ask: 'which' }))).not.toBeNull();
  });
  it('puts products as they lie in the photo', () => {
    expect(asTheyLie([one('x'), one('right', 0.6), one('left', 0.1)]).map((it) => it.product.product_id)).toEqual(['left', 'right', 'x']);
  });
});
