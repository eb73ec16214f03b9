import './console.css';
import { mount, type Component } from 'svelte';
import { addMessages, preferredLocale, setLocale, type Catalogue, type Locale } from '$lib/i18n.svelte';
import { showTheme } from '$lib/theme';

type Words = { default: Catalogue };
const words = import.meta.glob<Words>('../console/i18n/*.json');
const load = (to: Locale) => words[`../console/i18n/${to}.json`]?.() ?? Promise.resolve({ default: {} });
const app = import.meta.glob<{ default: Component }>('../console/App.svelte');

showTheme();
addMessages({ fr: () => load('fr'), en: () => load('en') });
await setLocale(preferredLocale());
const found = await app['../console/App.svelte']?.();
if (found) mount(found.default, { target: document.getElementById('app')! });
