/** Keys for programs over HTTP. Shapes as the server sends them. */
import { del, get, put } from '$lib/api';

export type Use = 'counting' | 'parcels' | 'metrics';
export interface KeyEdit {
  name: string;
  seller_id: number | null;
  scopes: ('read' | 'write')[];
  uses: Use[];
  place_ids: number[];
  days: number | null;
}
export interface Key {
  key_id: string;
  name: string;
  mine: boolean;
  seller_ids: number[];
  scopes: string[];
  uses: Use[];
  place_ids: number[];
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
}
const BASE = '/api/console/api-keys';
/** Twelve hexadecimal digits that nobody had before. */
export const keyId = (): string => Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, '0')).join('');

export const keys = {
  list: () => get<Key[]>(BASE),
  make: (key_id: string, edit: KeyEdit) => put<{ key: Key; token: string }>(`${BASE}/${key_id}`, edit),
  takeBack: (key_id: string) => del<void>(`${BASE}/${key_id}`),
};
