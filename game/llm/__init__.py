"""Tokens in, tokens and log-probabilities out. Knows nothing of the game."""
