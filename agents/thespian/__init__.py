"""Thespians: one policy that plays any role, switched by a soft prompt.

After Cui, Peng and Riedl, "Multi-Character Text Role-Playing Game Agents" (arXiv 2308.01872).

`features` and `encode` turn what a character perceives into arrays, `notes` is what it remembers,
`network` the policy, `rollout` plays episodes with it, `a2c` trains it, `attention` teaches it a
new role in a few steps, `evaluate` scores it, `checkpoint` keeps it, and `actor` puts it on the
stage.
"""
