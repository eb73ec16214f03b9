import './kit.css';
import { mount } from 'svelte';
import Kit from '../kit/Kit.svelte';
import { preferredLocale, setLocale } from '$lib/i18n.svelte';
import { showTheme } from '$lib/theme';

showTheme();
await setLocale(preferredLocale());
mount(Kit, { target: document.getElementById('app')! });
