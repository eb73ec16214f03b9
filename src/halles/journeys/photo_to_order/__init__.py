"""A photo taken in the showroom, answered with products that can be bought; and the order credited to the photo it came from.

Promises: no transaction is open while the photo is looked at; the photo itself is not kept, only what was answered.
"""
