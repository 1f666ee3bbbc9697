"""`comove doctor`: tries every part of a configuration, and says what is wrong with it."""
