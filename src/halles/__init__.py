"""Halles: one catalogue, one stock, one wallet, one customer, whatever the counter."""

__version__ = "0.1.0"
