"""The whole shop of one showroom on the phone: a snapshot, what changed since, and how long its prices are honoured.

Reads the shop as its pages show it, keeps it in the catalogue's bundles with a version, and gives a phone the whole or the
difference. What a phone orders without a network arrives by the one order path, with the quote that this journey signed.
"""
