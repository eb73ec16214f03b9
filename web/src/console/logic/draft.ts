import { keep, recall } from '$lib/storage';
import type { ProductEdit, ProductFull } from '../api';

/** What one person is writing about a product: as they found it, as they wrote it, and the version they found. */
export interface Draft {
  base: ProductEdit;
  mine: ProductEdit;
  etag: string;
  /** The language in which the attributes were read. */
  lang: string;
}

/** The part of a product that is edited in one piece. */
export function editable(product: ProductFull): ProductEdit {
  return {
    title: { fr: product.title.fr ?? '', en: product.title.en ?? '' },
    description: { fr: product.description.fr ?? '', en: product.description.en ?? '' },
    brand: product.brand ?? '',
    category: product.category,
    attributes: product.attributes.map((one) => ({ ...one })),
    state: product.state,
  };
}

/** How many fields differ from what was found; a title in two languages is two fields. */
export function changes(base: ProductEdit, mine: ProductEdit): number {
  const flat = (edit: ProductEdit) => [
    edit.title.fr, edit.title.en, edit.description.fr, edit.description.en, edit.brand ?? '', edit.category, edit.state,
    JSON.stringify(edit.attributes.filter(named).map(({ name, value }) => [name, value])),
  ];
  const was = flat(base);
  return flat(mine).filter((value, at) => value !== was[at]).length;
}

const named = (one: { name: string; value: string }) => one.name.trim() !== '' || one.value.trim() !== '';

/** What is sent: without the attribute lines that were left empty. */
export const clean = (edit: ProductEdit): ProductEdit => ({ ...edit, attributes: edit.attributes.filter(named) });

const key = (product_id: string) => `console.draft.${product_id}`;

/** A draft is kept in this tab, so that leaving the page, or a lost connection, does not lose a sentence. */
export const keepDraft = (product_id: string, draft: Draft | null): void => keep(key(product_id), draft, { session: true });
export const recallDraft = (product_id: string): Draft | null => recall<Draft>(key(product_id), { session: true });
