"""What everybody in a game has perceived, and how they put it into words."""
