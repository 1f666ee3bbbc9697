"""The past: price files, backfill by REST, recorder and archive."""
