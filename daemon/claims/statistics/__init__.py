"""What claims are tested by, one statistic a file."""
