/** Works beside the page, so that it stays quick. */
import { solve } from './sha256';

self.onmessage = (event: MessageEvent<{ challenge: string; bits: number }>) => {
  self.postMessage(solve(event.data.challenge, event.data.bits));
};
