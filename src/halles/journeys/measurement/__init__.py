"""What showrooms lead to: visits tied to orders with consent, lift against similar areas, each sample's effect.

Also asks for consent and keeps the answers, through `visits`. Numbers about people leave only as counts of LEAST or more.
"""
