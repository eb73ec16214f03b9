import { afterEach, describe, expect, it } from 'vitest';
import { categoryName } from '../console/logic/categories.svelte';
import { askEarly, takeEarly } from '$lib/early';
import { setLocale } from '$lib/i18n.svelte';
import { countryName } from '$lib/names';
import { isNumberAddress } from '$lib/passkey';

afterEach(() => setLocale('en'));

describe('names instead of codes', () => {
  it('says a country in the reader’s language, and keeps what is no country', async () => {
    expect(countryName('de')).toBe('Germany');
    await setLocale('fr');
    expect(countryName('DE')).toBe('Allemagne');
    expect(countryName('?')).toBe('?');
  });
  it('says a category as the seller does, else by its family, else as it is', () => {
    const known = [{ category: 'fashion/coats', title: 'Coats', family: 'fashion', count: 3 }];
    expect(categoryName('fashion/coats', known)).toBe('Coats');
    expect(categoryName('fashion/hats', known)).toBe('Fashion / hats');
    expect(categoryName('odd', known)).toBe('odd');
  });
});

it('knows an address that no passkey can belong to', () => {
  expect(['192.168.1.20', '[fe80::1]', '127.0.0.1'].map(isNumberAddress)).toEqual([true, true, true]);
  expect(['localhost', 'halles.example', '1.halles.example'].map(isNumberAddress)).toEqual([false, false, false]);
});

it('hands an early answer out once', async () => {
  const real = globalThis.fetch;
  globalThis.fetch = () => Promise.resolve(new Response('{}'));
  try {
    askEarly('/api/bootstrap?lang=en', 'en');
    expect(takeEarly('/api/other')).toBeUndefined();
    expect((await takeEarly('/api/bootstrap?lang=en'))?.ok).toBe(true);
    expect(takeEarly('/api/bootstrap?lang=en')).toBeUndefined();
  } finally {
    globalThis.fetch = real;
  }
});
