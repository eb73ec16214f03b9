"""How a seller chooses where orders leave from: the rule and the locations' figures in the console. Checkout follows them within
seconds; docs/algorithms/sourcing.md tells how.
"""
