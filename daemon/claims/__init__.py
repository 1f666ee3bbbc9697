"""The claims that the project started from, tested on price files."""
