import { describe, expect, it } from 'vitest';
import { date, digits, has, money, number, preferredLocale, say, setLocale, t } from '$lib/i18n.svelte';

const plain = (text: string) => text.replace(/[\u00A0\u202F]/g, ' ');

describe('money', () => {
  it('is written as the reader writes it', async () => {
    expect(money({ minor: 1240, currency: 'EUR' })).toBe('€12.40');
    await setLocale('fr');
    expect(plain(money({ minor: 1240, currency: 'EUR' }))).toBe('12,40 €');
    expect(plain(money({ minor: 123_456_789, currency: 'EUR' }))).toBe('1 234 567,89 €');
  });
  it('knows currencies without cents and with three digits', () => {
    expect(money({ minor: 2400, currency: 'JPY' })).toBe('¥2,400');
    expect(plain(money({ minor: 1500, currency: 'KWD' }))).toBe('KWD 1.500');
    expect([digits('EUR'), digits('JPY'), digits('KWD')]).toEqual([2, 0, 3]);
  });
  it('keeps every cent of a large amount', () => {
    expect(money({ minor: 9_007_199_254_740_991, currency: 'EUR' })).toBe('€90,071,992,547,409.91');
  });
  it('shows what goes out as negative', () => {
    expect(money({ minor: -350, currency: 'EUR' })).toBe('-€3.50');
  });
});

describe('messages', () => {
  it('fill their holes and choose the plural of the language', async () => {
    expect(t('basket.count', { n: 1 })).toBe('1 item');
    expect(t('basket.count', { n: 0 })).toBe('0 items');
    await setLocale('fr');
    expect(plain(t('basket.count', { n: 0 }))).toBe('0 article');
    expect(plain(t('basket.count', { n: 2 }))).toBe('2 articles');
  });
  it('leave a hole they have nothing for, and show a key they do not know', () => {
    expect(t('search.for')).toBe('“{q}”');
    expect(t('console.not.there')).toBe('console.not.there');
  });
  it('fall back from the particular to the general', () => {
    expect(say(['event.orders.unheard', 'Unheard of'])).toBe('Unheard of');
    expect(say(['promise.hub', 'promise.from'], { from: 'Roissy', n: 3 })).toContain('Roissy');
    expect(has('promise.hub')).toBe(true);
  });
});

describe('days', () => {
  it('are the same day wherever the reader is', () => {
    expect(date('2026-11-25')).toBe('25 November');
  });
  it('are written in French too', async () => {
    await setLocale('fr');
    expect(date('2026-11-25', { weekday: 'long', day: 'numeric', month: 'long' })).toBe('mercredi 25 novembre');
    expect(plain(number(12_345.6))).toBe('12 345,6');
  });
});

describe('the language', () => {
  it('is the one chosen before, else the browser’s', async () => {
    expect(preferredLocale()).toBe('en');
    await setLocale('fr', true);
    expect(preferredLocale()).toBe('fr');
    expect(document.documentElement.lang).toBe('fr');
  });
});
