"""The daemon's doors: one API over a Unix socket and over HTTP, and the status page."""
