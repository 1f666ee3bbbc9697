"""Reports: what a day and a week were like for a pair, at the close."""
