"""The past by REST: a venue's candles, asked for page by page and kept on the disk."""
