"""A terminal-first emoji generator."""

__version__ = "0.1.0"
