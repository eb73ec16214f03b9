/**
 * What time it is, as the server has it. A phone's own clock may be wrong by years: what is used is the difference that was measured
 * when the server last answered. Nothing that costs money hangs on it: the server decides by its own clock.
 */
import { read, write } from './db';

export interface Measured {
  /** The server's clock less the phone's, milliseconds. */
  offset: number;
  /** The phone's clock when it was measured. */
  local: number;
}

const KEY = 'clock';
let measured: Measured | null = null;

export async function loadClock(): Promise<void> {
  measured ??= (await read<Measured>('state', KEY).catch(() => undefined)) ?? null;
}

/** The server said what time it is; `asked` and `told` are the phone's clock around it. */
export async function noteServerTime(now: string, asked: number, told: number): Promise<void> {
  measured = { offset: Date.parse(now) - (asked + told) / 2, local: told };
  await write('state', KEY, measured).catch(() => undefined);
}

/** Milliseconds since 1970 by the server's clock, as far as this phone can tell. */
export const serverNow = (): number => Date.now() + (measured?.offset ?? 0);

/** The phone's clock is off by more than two minutes, or went back behind a moment that has been. */
export const clockIsOff = (): boolean => !!measured && (Math.abs(measured.offset) > 120_000 || Date.now() < measured.local - 1_000);

/** The clock was moved since it was measured, so that ages cannot be told. */
export const clockWentBack = (): boolean => !!measured && Date.now() < measured.local - 1_000;
