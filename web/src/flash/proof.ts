/** The work that a ticket asks for, done in a worker. */
export function prove(challenge: string, bits: number): Promise<string> {
  const worker = new Worker(new URL('./proof.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<string>((done, failed) => {
    worker.onmessage = (event: MessageEvent<string>) => done(event.data);
    worker.onerror = () => failed(new Error('the worker stopped'));
    worker.postMessage({ challenge, bits });
  }).finally(() => worker.terminate());
}
