"""YAML in, typed values out."""
