"""Recognition on the phone: the model and a showroom's index, given whole once and then only what changed.

Joins the places (whose shop, what is on display) and recognition (model, pictures, the mean of photos). What it gives is as
public as the catalogue: numbers made from pictures that everybody may see, and a mean of at least twenty photos.
"""
