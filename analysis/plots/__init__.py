"""Drawings: each function takes data and axes and returns the axes."""
