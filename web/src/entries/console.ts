import './console.css';
import { mount, type Component } from 'svelte';
import { addMessages, preferredLocale, setLocale, type Catalogue, type Locale } from '$lib/i18n.svelte';
import { standIn } from '$lib/api/client';
import { showTheme } from '$lib/theme';

type Words = { default: Catalogue };
const words = import.meta.glob<Words>('../console/i18n/*.json');
const load = (to: Locale) => words[`../console/i18n/${to}.json`]?.() ?? Promise.resolve({ default: {} });
const app = import.meta.glob<{ default: Component }>('../console/App.svelte');

// Without a network: orders as they were last read, steps that wait.
standIn(() => import('../console/logic/deeds').then((found) => found.device));
showTheme();
addMessages({ fr: () => load('fr'), en: () => load('en') });
await setLocale(preferredLocale());
const found = await app['../console/App.svelte']?.();
if (found) mount(found.default, { target: document.getElementById('app')! });
