"""The past: price files, and later backfill, recorder and archive."""
