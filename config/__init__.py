"""YAML in, typed values out."""

from config.errors import ConfigError, Fault, rendered
from config.load import load, load_rules
from config.settings import Config, Mqtt, Notifiers, Prior, Telegram, Venue
from config.shipped import shipped, shipped_path

__all__ = [
    "Config",
    "ConfigError",
    "Fault",
    "Mqtt",
    "Notifiers",
    "Prior",
    "Telegram",
    "Venue",
    "load",
    "load_rules",
    "rendered",
    "shipped",
    "shipped_path",
]
