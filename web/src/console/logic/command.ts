import { uuid7 } from '$lib/ids';

/**
 * The id of a command: the same for the same body until the server has answered it for good.
 *
 * A double click, or "try again" after a lost connection, sends the same id, so the server does the work once. After an
 * answer (`done`) or when the body changes, the next command is a new one.
 */
export class CommandId {
  #body = '';
  #id = '';

  /** The id for this body. */
  of(body: unknown): string {
    const text = JSON.stringify(body);
    if (this.#id === '' || text !== this.#body) {
      this.#body = text;
      this.#id = uuid7();
    }
    return this.#id;
  }

  /** The command was answered: the next one gets a new id, even with the same body. */
  done(): void {
    this.#id = '';
  }
}
