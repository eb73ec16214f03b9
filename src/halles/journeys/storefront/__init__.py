"""What shoppers look at: the shop's start, product cards and pages, categories, codes that lead to products; and the console's
pages of products and places.

Composes reads of `catalog`, `pricing`, `inventory`, `places` and `promises`; decides nothing that an order depends on. A page
costs the same number of statements whatever its size (a list of products: six).
"""
