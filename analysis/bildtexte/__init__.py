"""Alternative texts: what each kind of figure (same names as in `analysis.plots`) shows and finds."""
