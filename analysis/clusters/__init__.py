"""Groups of similar areas: preparation, methods, number of groups, how sure they are."""
