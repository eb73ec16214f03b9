"""All the SQL of payments, a file a table."""
