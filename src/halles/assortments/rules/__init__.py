"""Pure decisions of assortments: which area, what demand to expect, which samples."""
