"""The catalogue's door. Every function works inside the caller's transaction and takes sets."""

from halles.catalog.api.edit import edit_product
from halles.catalog.api.read import categories, find_by_gtin, load_cards, load_products, load_variants, search
from halles.catalog.api.runs import claim_run, finish_run, list_runs, load_run, record_progress, start_run
from halles.catalog.api.save import known_pictures, save_categories, save_pictures, save_products, sku_ids
from halles.catalog.rules import UNDETERMINED, category_title, flaws, options_line, pick
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
    "categories",
    "category_title",
    "claim_run",
    "digital_link",
    "edit_product",
    "expand_upc_e",
    "find_by_gtin",
    "finish_run",
    "flaws",
    "known_pictures",
    "list_runs",
    "load_cards",
    "load_products",
    "load_run",
    "load_variants",
    "options_line",
    "parse_digital_link",
    "parse_element_string",
    "parse_gtin",
    "pick",
    "readings",
    "record_progress",
    "save_categories",
    "save_pictures",
    "save_products",
    "search",
    "short_form",
    "sku_ids",
    "start_run",
]
