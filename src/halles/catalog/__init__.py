"""What is sold: products, their variants, pictures, offers, the words they are found by, and the imports that bring them.

Owns the PostgreSQL schema `catalog`. Every GTIN is kept as fourteen digits with a right check digit: see
docs/adr/0005-gtin14-everywhere.md.

Promises: a variant id never changes its meaning and is never deleted, because orders name it; saving the same drafts again
writes nothing; a picture is stored without the place and time at which it was taken.

Emits `catalog.product_changed`.
"""
