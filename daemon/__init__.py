"""The process: command line, wiring, service."""
