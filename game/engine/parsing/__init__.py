"""The parts of the parser: words, patterns, noun phrases and readings."""
