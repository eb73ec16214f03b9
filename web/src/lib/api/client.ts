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

/** Who answers for the server from what is kept on this device, and keeps what it said. */
export interface Device {
  /** `undefined`: that is not known here. */
  answer: (method: string, path: string, options: Options) => Promise<unknown>;
  remember: (method: string, path: string, options: Options, said: unknown) => void;
}
const device: { load: (() => Promise<Device>) | null; ready: Device | null; reached: boolean } = { load: null, ready: null, reached: true };

/** From now on the device answers where the network does not; its code is fetched when it is first needed. */
export function standIn(load: () => Promise<Device>): void {
  device.load = () => load().then((found) => (device.ready = found));
}
/** Have the device keep what is said from now on. */
export const wakeDevice = async (): Promise<void> => void (await device.load?.());
/** The last request that left got an answer. */
export const reached = (): boolean => device.reached;
/** While the network was last heard to be away, nobody waits long for it again. */
const IMPATIENT = 4_000;

/** The answer itself, for those who need its headers (an ETag for If-Match). Raises Problem and Offline. */
export async function ask(method: string, path: string, options: Options = {}): Promise<Response> {
  const { query, body, headers = {}, signal, patience = 20_000 } = options;
  const raw = body instanceof Blob || body instanceof FormData;
  const timer = AbortSignal.timeout(device.load && !device.reached ? Math.min(patience, IMPATIENT) : patience);
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
    device.reached = false;
    throw new Offline(error);
  }
  device.reached = true;
  if (response.ok) return response;
  const wait = Number(response.headers.get('retry-after')) || null;
  const said = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!said.code && [502, 503, 504].includes(response.status)) {
    device.reached = false;
    throw new Offline(response.status);
  }
  throw new Problem(response.status, said, wait);
}

/** The JSON of the answer; `undefined` for 204. Without a network, what this device says instead. */
export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  let response: Response;
  try {
    response = await ask(method, path, options);
  } catch (error) {
    if (!(error instanceof Offline) || !device.load) throw error;
    const said = await (device.ready ?? (await device.load().catch(() => null)))?.answer(method, path, options);
    if (said === undefined) throw error;
    return said as T;
  }
  const said = response.status === 204 || response.headers.get('content-length') === '0' ? undefined : await response.json();
  device.ready?.remember(method, path, options, said);
  return said as T;
}

export const get = <T>(path: string, query?: Query, options: Options = {}) => call<T>('GET', path, { ...options, query });
export const post = <T>(path: string, body?: unknown, options: Options = {}) => call<T>('POST', path, { ...options, body });
export const put = <T>(path: string, body?: unknown, options: Options = {}) => call<T>('PUT', path, { ...options, body });
export const patch = <T>(path: string, body?: unknown, options: Options = {}) => call<T>('PATCH', path, { ...options, body });
export const del = <T>(path: string, options: Options = {}) => call<T>('DELETE', path, options);
