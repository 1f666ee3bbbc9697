"""`comove archive`: what prices are on the disk, whether they are sound, and one file of them."""
