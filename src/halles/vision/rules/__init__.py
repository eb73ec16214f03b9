"""Pure decisions of recognition: what a code names (gtin), how vectors are compared (centring), what to answer (decide)."""
