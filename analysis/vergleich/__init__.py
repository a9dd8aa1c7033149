"""Comparison of areas: ranks, similar Kreise, status and dynamic, Sozialindex, segregation."""
