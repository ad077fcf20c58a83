"""Maps of worlds: rooms laid out by the directions between them, drawn in several ways."""
