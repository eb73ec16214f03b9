"""All the SQL of promises."""
