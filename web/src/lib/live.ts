/** News of one thing over server-sent events, and by asking again where events do not arrive. */

export interface Follow<T> {
  /** Address of the event stream. */
  events: string;
  /** Ask for the state itself: at the start of a silence, and every `every` ms of it. */
  ask: () => Promise<T>;
  on: (value: T) => void;
  /** The events stopped (`false`) or flow again (`true`). */
  flowing?: (flows: boolean) => void;
  every?: number;
}

/** Follow until the returned function is called. A frame with the whole state is taken as it is; a frame that only says "changed" makes us ask. */
export function follow<T extends object>({ events, ask, on, flowing, every = 8_000 }: Follow<T>, whole: (frame: object) => frame is T): () => void {
  let stopped = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  let source: EventSource | null = null;

  const look = () =>
    ask().then(
      (value) => {
        if (!stopped) on(value);
      },
      () => undefined, // still silent: the next look may be luckier
    );
  const silence = (silent: boolean) => {
    flowing?.(!silent);
    clearInterval(timer);
    timer = silent ? setInterval(() => void look(), every) : undefined;
  };
  const frame = (event: MessageEvent<string>) => {
    let said: unknown;
    try {
      said = JSON.parse(event.data);
    } catch {
      said = null;
    }
    if (said && typeof said === 'object' && whole(said)) on(said);
    else void look();
  };
  const open = () => {
    if (stopped || typeof EventSource === 'undefined') return silence(true);
    source?.close();
    source = new EventSource(events);
    source.onopen = () => silence(false);
    source.onerror = () => {
      if (stopped) return;
      if (!timer) {
        silence(true);
        void look();
      }
      // The browser reconnects by itself unless the server refused; then we try anew, slowly.
      if (source?.readyState === EventSource.CLOSED) setTimeout(open, every);
    };
    source.onmessage = frame;
    source.addEventListener('changed', frame as EventListener);
  };
  const wake = () => {
    if (document.visibilityState === 'visible' && source?.readyState !== EventSource.OPEN) void look();
  };
  open();
  document.addEventListener('visibilitychange', wake);
  return () => {
    stopped = true;
    source?.close();
    clearInterval(timer);
    document.removeEventListener('visibilitychange', wake);
  };
}
