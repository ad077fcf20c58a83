"""The narrator's learning: the house style taught at school, then the player's thumbs."""
