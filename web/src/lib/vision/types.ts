/** What recognition on the device says. The same words as `POST /api/photos`, without what only the catalogue knows (names, prices). */

/** A product that the photo may show. `score`: its share among the ten best, 0 to 1, comparable within one photo only. */
export interface Candidate {
  product_id: string;
  variant_id: number | null;
  score: number;
}

/** Where in the picture something lies, as shares of its width and height (0 to 1). */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What would make the next photo better, told before anybody waits for an answer. */
export type Hint = 'dark' | 'bright' | 'blurred' | null;

export interface Answer {
  /** `product`: one, clearly. `candidates`: two to five, to choose from. `unknown`: honestly not recognised. */
  outcome: 'product' | 'candidates' | 'unknown';
  by: 'barcode' | 'picture';
  /** The text of a code in the picture, as it was read; the catalogue on the device knows whose it is. Null: none was read. */
  code: string | null;
  /** The code as GTIN-14 when it names one, with a right check digit. */
  gtin: string | null;
  candidates: Candidate[];
  /** More than one product was clearly seen, each in its own part of the picture: ask which. Empty otherwise. */
  parts: { candidate: Candidate; box: Box }[];
  /** Where the code or the product lies. */
  box: Box;
  hint: Hint;
  /** Which model and which state of the index answered: a server that knows better can tell. */
  model_id: string;
  index_version: number;
  took_ms: number;
}

/** How far the device is: what is kept on it, and of when. */
export interface Readiness {
  /** The model and an index are on the device: `recognise` answers without a network. */
  ready: boolean;
  model_id: string | null;
  /** Of the index; 0 before the first. */
  version: number;
  products: number;
  /** Bytes of model, index and runtime kept. */
  bytes: number;
  /** When the server last said that this is the newest, ISO; null: never. */
  checked_at: string | null;
}
