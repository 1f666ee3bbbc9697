"""A simulated market, and loopback servers that speak the venues' protocols."""
