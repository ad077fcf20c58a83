"""The rooms behind `agents.env`: one episode, its scores, its oracle, and the vectorised env.

Nothing here needs gymnasium, so that training on a player's machine does not either; only
`agents.env` and `agents.envs.parallel`, the doors to other people's libraries, do.
"""
