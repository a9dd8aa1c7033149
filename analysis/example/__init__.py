"""The invented Musterkreis 99099: one truth, written as the deliveries that a Kreis receives. Nothing of it is real."""
