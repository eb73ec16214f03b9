/**
 * Runs before anything is painted, in a file of its own that weighs next to nothing: the reader's language and theme, whether the
 * home page's ready-made picture is to be shown, and the first questions to the server while the app is still on its way.
 */
import { address } from '$lib/api/address';
import { askEarly } from '$lib/early';
import { preferredLocale } from '$lib/locale';
import { showTheme } from '$lib/theme';
import { rememberTouchpoint, touchpoint } from '$lib/touchpoint';
import { warmNumbers } from '$lib/warm';

/** The catalogues' files; the build writes them in. */
declare const WORDS: Record<string, string>;

const lang = preferredLocale();
const root = document.documentElement;
root.lang = lang;
showTheme();
rememberTouchpoint(location.search);
if (location.pathname === '/') root.dataset.home = lang;

const words = document.createElement('link');
words.rel = 'modulepreload';
words.href = WORDS[lang]!;
document.head.append(words);

askEarly(address('/api/bootstrap', { touchpoint: touchpoint(), lang }), lang);
if (location.pathname === '/') askEarly(address('/api/categories', { lang }), lang);
warmNumbers(lang);
