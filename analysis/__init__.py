"""Kreisblick: the helpers behind the notebooks. Importing this package loads nothing heavy."""

__version__ = "0.1.0"
