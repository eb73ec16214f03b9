"""How the numbers of a measurement are computed. Pure."""
