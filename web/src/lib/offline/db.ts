/**
 * What is kept on this device for when there is no network: one small IndexedDB that pages and the service worker share. No framework
 * here, so that the worker can read it too.
 */
export const STORES = ['parts', 'state', 'outbox', 'kept', 'deeds'] as const;
export type Store = (typeof STORES)[number];

const NAME = 'halles';
const VERSION = 1;

/** The device refused to keep more. Nothing that was kept before is lost. */
export class Full extends Error {
  override name = 'Full';
}

/** This browser keeps nothing: private windows of some, or storage switched off. */
export class NoStorage extends Error {
  override name = 'NoStorage';
}

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    if (typeof indexedDB === 'undefined') return reject(new NoStorage());
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      for (const store of STORES) if (!asked.result.objectStoreNames.contains(store)) asked.result.createObjectStore(store);
    };
    asked.onsuccess = () => {
      const db = asked.result;
      // A newer page wants to change the stores: let go, and open again when asked.
      db.onversionchange = () => db.close();
      db.onclose = () => (opened = null);
      resolve(db);
    };
    asked.onerror = () => reject(new NoStorage(asked.error?.message));
    asked.onblocked = () => reject(new NoStorage('blocked'));
  }).catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** For tests: the next use opens again. */
export async function closeStorage(): Promise<void> {
  const db = await opened?.catch(() => null);
  db?.close();
  opened = null;
}

const settled = <T>(asked: IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('IndexedDB'));
  });

/** One transaction over some stores: everything in it is kept, or nothing. Raises Full and NoStorage. */
export async function within<T>(stores: Store[], mode: IDBTransactionMode, work: (store: (name: Store) => IDBObjectStore) => Promise<T> | T): Promise<T> {
  const db = await open();
  const transaction = db.transaction(stores, mode);
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(asFull(transaction.error ?? new Error('aborted')));
    transaction.onerror = () => reject(asFull(transaction.error ?? new Error('failed')));
  });
  done.catch(() => undefined);
  let found: T;
  try {
    found = await work((name) => transaction.objectStore(name));
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // it ended by itself
    }
    throw asFull(error);
  }
  await done;
  return found;
}

function asFull(error: unknown): unknown {
  return error instanceof DOMException && error.name === 'QuotaExceededError' ? new Full(error.message) : error;
}

export const read = <T>(store: Store, key: string): Promise<T | undefined> => within([store], 'readonly', (of) => settled(of(store).get(key) as IDBRequest<T | undefined>));
export const write = (store: Store, key: string, value: unknown): Promise<void> =>
  within([store], 'readwrite', (of) => void of(store).put(value, key));
export const drop = (store: Store, key: string): Promise<void> => within([store], 'readwrite', (of) => void of(store).delete(key));
export const all = <T>(store: Store): Promise<T[]> => within([store], 'readonly', (of) => settled(of(store).getAll() as IDBRequest<T[]>));
/** Values whose key begins so, with their keys. */
export const beginning = <T>(store: Store, with_: string): Promise<[string, T][]> =>
  within([store], 'readonly', async (of) => {
    const range = IDBKeyRange.bound(with_, `${with_}\uffff`);
    const [keys, values] = await Promise.all([settled(of(store).getAllKeys(range)), settled(of(store).getAll(range) as IDBRequest<T[]>)]);
    return keys.map((key, at) => [String(key), values[at]!]);
  });

/** Change a value by what it is now, in one transaction, so that two tabs never write over each other. Gives what it became. */
export const change = <T>(store: Store, key: string, how: (now: T | undefined) => T | undefined): Promise<T | undefined> =>
  within([store], 'readwrite', async (of) => {
    const became = how(await settled(of(store).get(key) as IDBRequest<T | undefined>));
    if (became === undefined) of(store).delete(key);
    else of(store).put(became, key);
    return became;
  });
