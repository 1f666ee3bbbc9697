"""Market data in, `Snapshot` out."""
