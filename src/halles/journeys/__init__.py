"""Where capabilities meet: each journey opens transactions, decides with values from several capabilities, and saves through
their doors. The only layer that commits. The same shape as a capability, without tables."""
