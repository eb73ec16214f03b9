/** Taught samples and what recognition confuses, over HTTP. Shapes as the server sends them. */
import { del, get, post, type Page } from '$lib/api';
import { mySeller } from '../../flash/seller';

export const SIDES = ['front', 'back', 'left', 'right', 'shelf'] as const;
export type Side = (typeof SIDES)[number];

export interface Look {
  product_id: string;
  title: string;
  image: string | null;
}
export interface TaughtPhoto {
  side: Side;
  media: string;
  sharpness: number;
  brightness: number;
  looks_like: Look | null;
  taken_at: string;
}
export interface Sample {
  sample_id: string;
  state: 'open' | 'taught' | 'learnt' | 'retired';
  place_id: number;
  place: string | null;
  product: Look;
  variant_id: number | null;
  variant: string | null;
  photos: TaughtPhoto[];
  missing: Side[];
  doubt: { product: Look | null; sides: Side[] } | null;
  by: string | null;
  at: string;
  learnt_at: string | null;
  retired_at: string | null;
}
export interface Pair {
  product: Look;
  other: Look;
  times: number;
  photos: number;
  bought: number;
  similarity: number | null;
  media: string | null;
  other_media: string | null;
  reasons: ('few_photos' | 'blurred' | 'dark' | 'only_text_differs' | 'same_words' | 'unclear')[];
  advice: 'teach' | 'retake' | 'closer' | 'barcode';
}
export interface Recall {
  place_id: number | null;
  place: string | null;
  model_id: string;
  photos: number;
  unknown: number;
  purchases: number;
  recall_first: number | null;
  recall_shown: number | null;
  by_code: number;
}
export interface Report {
  recall: Recall[];
  pairs: Pair[];
  taught_products: number;
  taught_photos: number;
  places: { place_id: number; name: string }[];
}
export interface NewSample {
  sample_id: string;
  place_id: number;
  product_id: string;
  variant_id: number | null;
}

const SAMPLES = '/api/console/taught-samples';
const REPORT = '/api/console/recognition';
const own = () => ({ query: { seller_id: mySeller() } });

export const teaching = {
  samples: (place_id: number | null, retired: boolean, cursor?: string) => get<Page<Sample>>(SAMPLES, { place_id, retired, cursor, seller_id: mySeller() }),
  sample: (sample_id: string) => get<Sample>(`${SAMPLES}/${sample_id}`, { seller_id: mySeller() }),
  open: (body: NewSample) => post<Sample>(SAMPLES, body, own()),
  photograph: (sample_id: string, side: Side, photo: Blob) =>
    post<Sample>(`${SAMPLES}/photos`, photo, { query: { sample_id, side, seller_id: mySeller() }, headers: { 'content-type': photo.type || 'image/jpeg' } }),
  teach: (sample_id: string, sure: boolean) => post<Sample>(`${SAMPLES}/${sample_id}/teach`, { sure }, own()),
  retire: (sample_id: string) => del<Sample>(`${SAMPLES}/${sample_id}`, own()),
  report: (place_id: number | null) => get<Report>(REPORT, { place_id, seller_id: mySeller() }),
};
