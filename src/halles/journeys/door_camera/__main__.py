"""`python -m halles.journeys.door_camera count …`: the counter alone, for a small machine at the door."""

from __future__ import annotations

import sys

import typer

from halles.journeys.door_camera.cli import app
from halles.kernel.errors import Refusal


def main() -> None:
    """Run it; a refusal prints its sentence and code and exits 1."""
    try:
        app(prog_name="python -m halles.journeys.door_camera")
    except Refusal as refusal:
        typer.echo(f"halles: {refusal.message} ({refusal.code})", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
