"""Where shoppers are: showrooms and stores, touchpoints (posters, links, the web), and the samples on display.

Owns the PostgreSQL schema `places`.

Promises: the code of a touchpoint or a sample, once printed, names one thing of one seller and is never given again; a place
that somebody else changed meanwhile is not overwritten.

Emits nothing.
"""
