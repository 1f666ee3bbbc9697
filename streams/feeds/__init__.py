"""The connection loop, and a file a venue."""
