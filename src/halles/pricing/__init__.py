"""What things cost: price lists, prices with their history, exchange rates with their date, VAT by country and category.

Owns the PostgreSQL schema `pricing`. How each shown figure is computed is told in docs/algorithms/prices-and-tax.md.

Promises: a price is a VAT-inclusive gross amount in minor units; what was charged is never forgotten, so that a reduction is
announced against the lowest price of the thirty days before it; a conversion is information beside the charged price and
always carries the date of its rate.

Emits `pricing.prices_changed`.
"""
