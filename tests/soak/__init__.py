"""Pulled plugs and long runs: ``make soak``, and a short form of every part for ``make test``."""
