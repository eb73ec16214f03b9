/** One showroom's pictures in memory, searched exactly: the server's `vision/adapters/exact_index.py` on the phone. */
import { assumedMean, catalogueMean, centred, dot, joined, meanOf, noPhotos, warmth, type PhotoMean } from './centring';
import { SEARCHED, type Found } from './decide';
import type { Candidate } from './types';

/** A picture in the index: `vector` is powered and of unit length, not centred. `shop`: a labelled photo, not a catalogue picture. */
export interface Row {
  product_id: string;
  variant_id: number | null;
  shop: boolean;
  vector: Float32Array;
}

export class Index {
  /** The products in it, in their order. */
  readonly products: readonly string[];
  readonly #rows: Row[];
  readonly #own: Float32Array;
  readonly #shop: PhotoMean;
  #ready: Float32Array[] = [];
  #used: Float32Array | null = null;

  constructor(
    rows: readonly Row[],
    readonly dim: number,
  ) {
    this.#rows = [...rows].sort((one, other) => (one.product_id < other.product_id ? -1 : one.product_id > other.product_id ? 1 : 0));
    this.products = [...new Set(this.#rows.map((row) => row.product_id))];
    const shop = this.#rows.filter((row) => row.shop).map((row) => row.vector);
    const pictures = this.#rows.filter((row) => !row.shop);
    this.#shop = shop.length ? { photos: shop.length, mean: meanOf(shop, dim) } : noPhotos(dim);
    const pictured = new Set(pictures.map((row) => row.product_id)).size;
    this.#own = pictures.length ? catalogueMean(pictures.map((row) => row.vector), pictured, dim) : this.#shop.mean;
  }

  /** The best products for a photo's vector, each by its best picture. `nothing`: photos of nothing, seen as the photo was. */
  search(photo: Float32Array, photos: PhotoMean, nothing: readonly Float32Array[]): Found {
    if (!this.#rows.length) return { ranked: [], belonging: -2, warmth: 0, nothing: -1 };
    const known = joined(this.#shop, photos);
    const mean = this.mean(photos);
    this.#centre(mean);
    const seen = centred(photo, mean);
    const best = new Map<string, Candidate>();
    this.#rows.forEach((row, i) => {
      const score = dot(this.#ready[i]!, seen);
      const before = best.get(row.product_id);
      if (!before || score > before.score) best.set(row.product_id, { product_id: row.product_id, variant_id: row.variant_id, score });
    });
    const ranked = [...best.values()].sort((one, other) => other.score - one.score).slice(0, SEARCHED);
    const length = Math.max(Math.sqrt(dot(mean, mean)), 1e-12);
    return {
      ranked,
      belonging: ranked[0]!.score + dot(photo, mean) / length,
      warmth: warmth(known.photos),
      nothing: nothing.reduce((most, one) => Math.max(most, dot(centred(one, mean), seen)), -1),
    };
  }

  /** What is taken from a photo before it is compared. */
  mean(photos: PhotoMean): Float32Array {
    return assumedMean(joined(this.#shop, photos), this.#own);
  }

  /** The best centred picture of a product for a centred photo; to tell where in the photo it lies. */
  likeness(product: string, seen: Float32Array): Float32Array | null {
    let best: Float32Array | null = null;
    let most = -Infinity;
    this.#rows.forEach((row, i) => {
      if (row.product_id !== product || !this.#ready[i]) return;
      const score = dot(this.#ready[i]!, seen);
      if (score > most) [most, best] = [score, this.#ready[i]!];
    });
    return best;
  }

  /** Catalogue pictures are centred once, shop photos again whenever the mean of photos has moved. */
  #centre(mean: Float32Array): void {
    if (this.#used && mean.every((value, i) => value === this.#used![i])) return;
    const first = !this.#used;
    this.#ready = this.#rows.map((row, i) => (row.shop ? centred(row.vector, mean) : first ? centred(row.vector, this.#own) : this.#ready[i]!));
    this.#used = mean;
  }
}
