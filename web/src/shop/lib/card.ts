/** The demo's card form: shape only. Real cards are typed into the provider's own fields and never pass here. */

export const digitsOf = (text: string): string => text.replace(/\D/g, '').slice(0, 19);
export const grouped = (text: string): string => digitsOf(text).replace(/(.{4})(?=.)/g, '$1 ');

/** Luhn's check (ISO/IEC 7812-1, annex B). */
export function looksLikeCard(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length < 13) return false;
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
