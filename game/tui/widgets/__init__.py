"""The parts of the game screen."""
