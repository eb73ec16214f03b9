"""The catalogue's door. Every function works inside the caller's transaction and takes sets."""

from halles.catalog.api.bundles import (
    Shop,
    bundle_entries,
    find_bundle,
    lock_bundle,
    save_bundle,
    save_shown_terms,
    shown_terms,
    up_since,
)
from halles.catalog.api.edit import edit_product
from halles.catalog.api.read import (
    categories,
    find_by_gtin,
    load_cards,
    load_products,
    load_variants,
    on_sale,
    search,
    shown_pictures,
)
from halles.catalog.api.runs import claim_run, finish_run, list_runs, load_run, record_progress, start_run
from halles.catalog.api.save import known_pictures, save_categories, save_pictures, save_products, sku_ids
from halles.catalog.rules import UNDETERMINED, category_title, flaws, options_line, pick
from halles.catalog.rules.bundles import Bundle, BundleEntry, ShownTerms, Unkept, kept
from halles.catalog.rules.gtin import (
    digital_link,
    expand_upc_e,
    parse_digital_link,
    parse_element_string,
    parse_gtin,
    readings,
    short_form,
)

__all__ = [
    "UNDETERMINED",
    "Bundle",
    "BundleEntry",
    "Shop",
    "ShownTerms",
    "Unkept",
    "bundle_entries",
    "categories",
    "category_title",
    "claim_run",
    "digital_link",
    "edit_product",
    "expand_upc_e",
    "find_bundle",
    "find_by_gtin",
    "finish_run",
    "flaws",
    "kept",
    "known_pictures",
    "list_runs",
    "load_cards",
    "load_products",
    "load_run",
    "load_variants",
    "lock_bundle",
    "on_sale",
    "options_line",
    "parse_digital_link",
    "parse_element_string",
    "parse_gtin",
    "pick",
    "readings",
    "record_progress",
    "save_bundle",
    "save_categories",
    "save_pictures",
    "save_products",
    "save_shown_terms",
    "search",
    "short_form",
    "shown_pictures",
    "shown_terms",
    "sku_ids",
    "start_run",
    "up_since",
]
