"""One rule over a grid of figures: how often it would have spoken, how soon, how rightly."""
