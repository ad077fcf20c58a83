"""What the three front ends share: opening a game, thumbs, clean text; and the two line modes."""
