"""`Snapshot` in, messages out."""
