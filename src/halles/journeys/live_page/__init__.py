"""Head office's live numbers: visits, photos and what was recognised, orders and revenue, by hour and by place.

Also takes in what browsers tell of their visit, since a touchpoint's code is known to `places` and the count is kept by `visits`.
"""
