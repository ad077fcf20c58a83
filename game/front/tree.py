"""The tree of a game's turns as lines, the earliest first, branches beside where they leave."""

from __future__ import annotations

from dataclasses import dataclass

from game.engine.model import World
from game.meta.branching import deed
from game.timeline import ROOT, Timeline

_BESIDE = "│ "
_LEAVES = "├─"


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One turn: what was done, after how many turns, and the branches that end with it.

    `lines` draws the branches beside it; `branch` is one that it is on, the one being played if
    it is on that; `here` is where the game is. `command` goes there.
    """

    lines: str
    depth: int
    deed: str
    ends: tuple[str, ...]
    branch: str
    here: bool

    @property
    def command(self) -> str:
        return f"switch {self.branch} {self.depth}"


def tree_rows(world: World, timeline: Timeline) -> list[TreeRow]:
    """Every turn of the game. The branch being played goes straight down."""
    on = _branches(timeline)
    ends: dict[int, list[str]] = {}
    for name, head in timeline.heads.items():
        ends.setdefault(head, []).append(name)
    children = timeline.children()
    rows = []
    waiting = [(ROOT, 0, False)]
    while waiting:
        id, column, leaves = waiting.pop()
        node = timeline.nodes[id]
        lines = _BESIDE * (column - 1) + _LEAVES if leaves else _BESIDE * column
        rows.append(
            TreeRow(
                lines, node.depth, deed(world, node), tuple(ends.get(id, ())), on[id],
                id == timeline.at,
            )
        )  # fmt: skip
        if children[id]:
            straight = next((c for c in children[id] if on[c] == on[id]), children[id][0])
            waiting.append((straight, column, False))
            waiting += [(c, column + 1, True) for c in reversed(children[id]) if c != straight]
    return rows


def _branches(timeline: Timeline) -> dict[int, str]:
    """A branch for every node: the one being played where it leads, else the oldest that does."""
    on: dict[int, str] = {}
    for name in dict.fromkeys((timeline.branch, *timeline.heads)):
        for id in timeline.above(timeline.heads[name]):
            if id in on:
                break
            on[id] = name
    return {id: on.get(id, timeline.branch) for id in timeline.nodes}
