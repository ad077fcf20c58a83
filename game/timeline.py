"""The tree of turns: where the game is, how it came there, and the branches it has left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from game.engine.events import Action
from game.engine.rules import Entry

#: The node before the first turn.
ROOT = 0
#: The branch a game begins on; those that follow are "branch-2", "branch-3", ...
FIRST = "main"


@dataclass(frozen=True)
class Node:
    """One turn of the player's, and where the game stands after it.

    `entries` is what everybody did in it, the player first; `depth` the turns from the beginning.
    """

    id: int
    parent: int
    depth: int
    entries: tuple[Entry, ...]

    @cached_property
    def encoded(self) -> str:
        """As JSON: [id, parent, [[actor, [verb, noun, second, text] or null], ...]]."""
        entries = [[actor, list(action) if action else None] for actor, action in self.entries]
        return json.dumps(
            [self.id, self.parent, entries], ensure_ascii=False, separators=(",", ":")
        )


class Timeline:
    """All turns that were played, as a tree; `at` is the node where the game is.

    A branch is a name for a node, its last turn, and so for the way from the beginning to there.
    `branch` is the one being played; turns played from the middle of it begin another.
    """

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {ROOT: Node(ROOT, ROOT, 0, ())}
        self.heads: dict[str, int] = {FIRST: ROOT}
        self.branch = FIRST
        self.at = ROOT
        self._next = 1

    # -- questions ----------------------------------------------------------------------------

    @property
    def depth(self) -> int:
        """Turns from the beginning to where the game is."""
        return self.nodes[self.at].depth

    def path(self, to: int | None = None) -> list[Node]:
        """The turns from the first to `to` (default: where the game is)."""
        nodes = []
        node = self.nodes[self.at if to is None else to]
        while node.id != ROOT:
            nodes.append(node)
            node = self.nodes[node.parent]
        return nodes[::-1]

    def journal(self) -> list[Entry]:
        """What everybody did from the beginning to where the game is."""
        return [entry for node in self.path() for entry in node.entries]

    def above(self, id: int) -> Iterator[int]:
        """`id` and the nodes it came from, up to the root."""
        while id != ROOT:
            yield id
            id = self.nodes[id].parent
        yield ROOT

    def children(self) -> dict[int, list[int]]:
        """Every node with those that follow it, oldest first."""
        found: dict[int, list[int]] = {id: [] for id in self.nodes}
        for id in sorted(self.nodes):
            if id != ROOT:
                found[self.nodes[id].parent].append(id)
        return found

    def branch_through(self, id: int) -> str:
        """A branch that leads through the node: the one being played, if it does."""
        for name in (self.branch, *self.heads):
            if id in self.above(self.heads[name]):
                return name
        raise KeyError(id)

    def at_depth(self, branch: str, depth: int) -> int | None:
        """The node of `branch` after `depth` turns; None when it is not that long."""
        return next(
            (n for n in self.above(self.heads[branch]) if self.nodes[n].depth == depth), None
        )

    def copy(self) -> Timeline:
        """A copy to look at; may be made while another thread plays on."""
        other = Timeline()
        other.branch, other.at, other.heads = self.branch, self.at, dict(self.heads)
        other._next = self._next
        # In this order, every node that is pointed at is there: nodes are added before heads.
        other.nodes = dict(self.nodes)
        other.heads = {name: n for name, n in other.heads.items() if n in other.nodes}
        if other.at not in other.nodes:
            other.at = other.heads.get(other.branch, ROOT)
        return other

    # -- changes ------------------------------------------------------------------------------

    def add(self, entries: Sequence[Entry]) -> None:
        """A turn was played. The same as one that was played from here already: it is that one."""
        entries = tuple(entries)
        for id, node in self.nodes.items():
            if id != ROOT and node.parent == self.at and node.entries == entries:
                self.at = id
                self.branch = self.branch_through(id)
                return
        new = Node(self._next, self.at, self.depth + 1, entries)
        self._next += 1
        self.nodes[new.id] = new
        if self.heads[self.branch] != self.at:
            self.branch = self._fresh_name()
        self.at = self.heads[self.branch] = new.id

    def undo(self) -> Node | None:
        """Go back a turn, and forget it unless something follows it or another branch ends there.

        Returns the turn; None at the beginning.
        """
        if self.at == ROOT:
            return None
        undone = self.nodes[self.at]
        self.at = undone.parent
        followed = any(n.parent == undone.id for n in self.nodes.values() if n.id != ROOT)
        ends = [name for name, head in self.heads.items() if head == undone.id]
        if not followed and ends == [self.branch]:
            self.heads[self.branch] = undone.parent
            del self.nodes[undone.id]
        return undone

    def go(self, id: int) -> None:
        """Be at another node, on the branch being played if it leads there."""
        self.branch = self.branch_through(id)
        self.at = id

    def switch(self, branch: str, depth: int | None = None) -> bool:
        """Be on `branch` after `depth` turns (default: at its end). False: it is not that long."""
        id = self.heads[branch] if depth is None else self.at_depth(branch, depth)
        if id is None:
            return False
        self.branch, self.at = branch, id
        return True

    def rename(self, branch: str, name: str) -> None:
        """Call a branch by another name, which must be free."""
        self.heads = {name if b == branch else b: head for b, head in self.heads.items()}
        if self.branch == branch:
            self.branch = name

    def begin(self, name: str) -> None:
        """Begin the branch `name` where the game is, and play on there."""
        self.heads[name] = self.at
        self.branch = name

    def graft(self, other: Timeline) -> None:
        """Take in all turns and branches of another tree of the same game, and be where it is."""
        here = {ROOT: ROOT}
        known = {(n.parent, n.entries): n.id for n in self.nodes.values() if n.id != ROOT}
        for id in sorted(other.nodes):
            if id == ROOT:
                continue
            node = other.nodes[id]
            parent = here[node.parent]
            found = known.get((parent, node.entries))
            if found is None:
                found = self._next
                self._next += 1
                self.nodes[found] = Node(found, parent, node.depth, node.entries)
                known[(parent, node.entries)] = found
            here[id] = found
        names = {}
        for name, head in other.heads.items():
            kept = self.heads.get(name)
            if kept is None or kept in self.above(here[head]):
                self.heads[name] = here[head]
                names[name] = name
            elif here[head] in self.above(kept):
                names[name] = name
            else:
                names[name] = self._fresh_name()
                self.heads[names[name]] = here[head]
        self.branch, self.at = names[other.branch], here[other.at]

    def _fresh_name(self) -> str:
        number = len(self.heads) + 1
        while f"branch-{number}" in self.heads:
            number += 1
        return f"branch-{number}"

    # -- as JSON data -------------------------------------------------------------------------

    def as_json(self) -> str:
        """The members of a JSON object, without its braces."""
        standing = json.dumps(
            {"at": self.at, "branch": self.branch, "heads": self.heads},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        nodes = ",".join(n.encoded for n in self.nodes.values() if n.id != ROOT)
        return f'{standing[1:-1]},"nodes":[{nodes}]'

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Timeline:
        """The tree that `as_json` wrote. Raises ValueError, KeyError or TypeError for another."""
        timeline = cls()
        for id, parent, entries in data["nodes"]:
            if type(id) is not int or id in timeline.nodes or parent not in timeline.nodes:
                raise ValueError(f"turn {id!r} does not follow another")
            depth = timeline.nodes[parent].depth + 1
            timeline.nodes[id] = Node(id, parent, depth, tuple(_entries(entries)))
        timeline.heads = {str(name): head for name, head in data["heads"].items()}
        timeline.branch, timeline.at = data["branch"], data["at"]
        for id in (timeline.at, *timeline.heads.values()):
            if id not in timeline.nodes:
                raise ValueError(f"there is no turn {id!r}")
        if timeline.at not in timeline.above(timeline.heads[timeline.branch]):
            raise ValueError(f"turn {timeline.at} is not on the branch {timeline.branch!r}")
        timeline._next = max(timeline.nodes) + 1
        return timeline


def _entries(data: Iterable[Any]) -> Iterator[Entry]:
    for actor, action in data:
        if action is None:
            yield None, None
            continue
        fields = Action(*action)
        if not isinstance(actor, str) or not isinstance(fields.verb, str):
            raise ValueError(f"{actor!r} does {action!r}")
        if any(not isinstance(f, str | None) for f in fields[1:]):
            raise ValueError(f"{actor!r} does {action!r}")
        yield actor, fields
