"""The actor that needs no training: what characters remember, consider and do.

Start at `heuristic`; `conduct` and `role` hold the considerations, `moment` what they look at.
"""
