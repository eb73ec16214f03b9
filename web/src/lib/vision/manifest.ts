/** What the server says a phone carries: `GET /api/recognition`. */
import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];
export type Manifest = Schemas['PhoneRecognitionView'];

export const addressOf = (touchpoint: string | null): string => `/api/recognition${touchpoint ? `?touchpoint=${encodeURIComponent(touchpoint)}` : ''}`;
export const partAddress = (name: string): string => `/api/recognition/parts/${name}`;
