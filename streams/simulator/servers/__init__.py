"""Loopback servers that speak the venues' protocols, strictly."""
