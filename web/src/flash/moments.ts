/** Moments in a field of kind `datetime-local`: the reader's own time, to the minute. */
export function toLocal(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** As the server takes it. An empty field is no moment: the server says so. */
export function fromLocal(text: string): string {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? '' : moment.toISOString();
}

/** So many minutes from now, on a full five minutes. */
export function later(minutes: number, now = Date.now()): Date {
  return new Date(Math.ceil((now + minutes * 60_000) / 300_000) * 300_000);
}
