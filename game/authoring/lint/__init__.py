"""What will disappoint players of a world that can be played: warnings, by code."""
