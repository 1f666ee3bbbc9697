"""The channels on which alerts go out."""
