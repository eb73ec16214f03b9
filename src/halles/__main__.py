"""`python -m halles` is the `halles` command."""

from halles.edge.cli import main

main()
