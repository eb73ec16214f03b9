/** One door to the API: JSON in and out, cookies along, refusals as `Problem`, a silent network as `Offline`. */

import { takeEarly } from '../early';
import { address, type Query } from './address';

export { address, type Query };

/** A refusal of the API (RFC 9457). `code` is stable; `fields` are the facts of that code. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly fields: Record<string, unknown>;
  readonly retryAfter: number | null;

  constructor(status: number, body: Record<string, unknown>, retryAfter: number | null = null) {
    super(String(body.detail ?? body.title ?? status));
    this.name = 'Problem';
    this.status = status;
    this.code = String(body.code ?? `http.${status}`);
    this.detail = String(body.detail ?? '');
    this.fields = body;
    this.retryAfter = retryAfter;
  }
}

/** No answer: the network is away or too slow. What was asked may or may not have happened. */
export class Offline extends Error {
  constructor(cause?: unknown) {
    super('No answer', { cause });
    this.name = 'Offline';
  }
}

export interface Options {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Give up after so many milliseconds; 20 s unless told. */
  patience?: number;
}

let language = () => document.documentElement.lang || 'en';
/** Who knows the reader's language; sent with every request as Accept-Language. */
export function speak(which: () => string): void {
  language = which;
}

/** The answer itself, for those who need its headers (an ETag for If-Match). Raises Problem and Offline. */
export async function ask(method: string, path: string, options: Options = {}): Promise<Response> {
  const { query, body, headers = {}, signal, patience = 20_000 } = options;
  const raw = body instanceof Blob || body instanceof FormData;
  const timer = AbortSignal.timeout(patience);
  let response: Response;
  try {
    const early = method === 'GET' ? takeEarly(address(path, query)) : undefined;
    response = await (early ?? fetch(address(path, query), {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        'accept-language': language(),
        ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : raw ? (body as BodyInit) : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timer]) : timer,
    }));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Offline(error);
  }
  if (response.ok) return response;
  const wait = Number(response.headers.get('retry-after')) || null;
  const said = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!said.code && [502, 503, 504].includes(response.status)) throw new Offline(response.status);
  throw new Problem(response.status, said, wait);
}

/** The JSON of the answer; `undefined` for 204. */
export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const response = await ask(method, path, options);
  return (response.status === 204 || response.headers.get('content-length') === '0' ? undefined : await response.json()) as T;
}

export const get = <T>(path: string, query?: Query, options: Options = {}) => call<T>('GET', path, { ...options, query });
export const post = <T>(path: string, body?: unknown, options: Options = {}) => call<T>('POST', path, { ...options, body });
export const put = <T>(path: string, body?: unknown, options: Options = {}) => call<T>('PUT', path, { ...options, body });
export const patch = <T>(path: string, body?: unknown, options: Options = {}) => call<T>('PATCH', path, { ...options, body });
export const del = <T>(path: string, options: Options = {}) => call<T>('DELETE', path, options);
