"""Unit tests of rules: what they read, given in YAML, and what they ought to do."""
