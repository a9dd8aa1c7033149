"""The goal catalogue of a Kreis: tree of goals and measures, deadlines, responsible bodies, history, checks."""
