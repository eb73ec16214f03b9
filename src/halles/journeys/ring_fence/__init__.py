"""Ring-fences: stock kept for one channel, planned in the console and shown where the channel's shoppers look.

Meets here: inventory (what is kept), places (touchpoints), identity (who is in a customer group), catalog (articles). Checkout
takes of fences in its own batch; docs/howto/ring-fences.md tells how.
"""
