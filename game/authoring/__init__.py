"""World files: read, checked in one go, and compiled to the engine's World."""
