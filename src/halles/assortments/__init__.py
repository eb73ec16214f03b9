"""What a showroom should show: demand history by area, scenarios, approved plans. Schema `assortments`.

Promises: a scenario never changes once it is kept, but for its state; its id was made by its caller, and the same id with other
wishes is refused; at most one scenario of a place is approved; nothing is ever said of an area with fewer shoppers than the
seller's setting asks for (see `rules.areas`). Emits nothing.
"""
