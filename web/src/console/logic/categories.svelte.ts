/** What the seller calls the categories, in the reader's language. Asked for once a language, however many pages show them. */
import { get, type Category } from '$lib/api';
import { locale, say, type Locale } from '$lib/i18n.svelte';

let read = $state.raw<readonly Category[]>([]);
let asked: Locale | null = null;

export const categories = (): readonly Category[] => read;

/** Read them where they have not been read; to be called in an effect. Without an answer the codes are shown. */
export function needCategories(): void {
  const language = locale();
  if (asked === language) return;
  asked = language;
  void get<Category[]>('/api/categories', { lang: language }).then(
    (found) => {
      if (language === asked) read = found;
    },
    () => (asked = null),
  );
}

/** A category's name: the seller's, else its family's in our words, else the code itself. */
export function categoryName(code: string, known: readonly Category[] = categories()): string {
  const title = known.find((one) => one.category === code)?.title;
  if (title) return title;
  const [top = '', ...rest] = code.split('/');
  return [say([`family.${top}`, top]), ...rest].join(' / ');
}
