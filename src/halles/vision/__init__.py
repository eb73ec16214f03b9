"""Recognition: from a shopper's photo to the product it shows, and from a catalogue picture to the index it is found in.

Owns the PostgreSQL schema `vision`: picture vectors, photo statistics, photo matches, the index version of each seller,
the samples that staff taught, what was learned from them, and what is confused with what.

Promises: a shopper's photo is decoded in the inference process alone and is never kept; a photo of nothing known is
answered with `unknown`; an answer names at most five products; a GTIN that is returned has a right check digit; the
match id on the order line lets every purchase judge the model.

Emits SampleTaught. Reacts, through the journeys, to new and changed catalogue pictures and to placed orders.
"""
