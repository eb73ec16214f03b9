"""All the SQL of identity, one file a subject."""
