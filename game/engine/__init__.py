"""The simulation: pure, deterministic, standard library only.

Start at `model` (World and State), then `rules.apply` and `rules.admissible`.
"""
