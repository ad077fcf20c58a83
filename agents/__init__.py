"""Everything that learns: trainers, adapters, policies and their registry."""
