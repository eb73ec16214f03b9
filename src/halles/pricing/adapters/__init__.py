"""Where rates come from."""
