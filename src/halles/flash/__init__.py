"""Flash sales: a fixed quantity at a fixed moment, a fair waiting room before it. Owns the schema `flash`."""
