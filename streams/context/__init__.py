"""Slow series (volatility, rates, sentiment, odds): their sources, and files of their past."""
