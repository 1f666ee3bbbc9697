"""The commands of `comove`."""
