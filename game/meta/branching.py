"""Going back to any turn and playing on: the branches of a game, kept and named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from game.engine.model import World
from game.engine.rules import canonical
from game.timeline import ROOT, Node

if TYPE_CHECKING:
    from game.session import Session

#: How many turns before and after the present one are listed.
SHOWN_BEFORE, SHOWN_AFTER = 15, 5
BEGINNING = "the beginning"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,29}")
_BAD_NAME = "A branch's name is letters, digits, - and _ (30 at most)."


def deed(world: World, node: Node) -> str:
    """What the player did in a turn, as a command."""
    action = node.entries[0][1] if node.entries else None
    return canonical(world, action) if action is not None else BEGINNING


def history(session: Session, argument: str) -> str:
    """The turns of the branch being played, with the others that leave it."""
    timeline, world = session.timeline, session.world
    path = [timeline.nodes[ROOT], *timeline.path(timeline.heads[timeline.branch])]
    here = timeline.depth
    on_path = {node.id for node in path}
    leaving: dict[int, list[str]] = {}
    for name, head in timeline.heads.items():
        if name != timeline.branch:
            fork = next(n for n in timeline.above(head) if n in on_path)
            leaving.setdefault(fork, []).append(name)
    lines = [f"Branch {timeline.branch}, turn {here} of {len(path) - 1}:"]
    if here > SHOWN_BEFORE:
        lines.append("  ...")
    for node in path[max(0, here - SHOWN_BEFORE) : here + SHOWN_AFTER + 1]:
        mark = ">" if node.depth == here else " "
        others = ", ".join(leaving.get(node.id, ()))
        forks = f"   (from here: {others})" if others else ""
        lines.append(f"{mark} {node.depth:>3}  {deed(world, node)}{forks}")
    if len(path) > here + SHOWN_AFTER + 1:
        lines.append("  ...")
    lines.append("rewind N goes to a turn; branches lists the branches.")
    return "\n".join(lines)


def rewind(session: Session, argument: str) -> str:
    """Go to a turn of the branch being played, back or forward; "-2" is two turns back."""
    timeline = session.timeline
    try:
        depth = int(argument)
    except ValueError:
        return "Which turn? rewind 3 goes to turn 3, rewind -2 two turns back; see history."
    if argument.startswith("-"):
        depth = max(0, timeline.depth + depth)
    length = timeline.nodes[timeline.heads[timeline.branch]].depth
    if not session.switch(timeline.branch, depth):
        return f"There is no turn {depth}: the branch {timeline.branch} has {length}."
    return arrived(session)


def arrived(session: Session) -> str:
    """The mark that is left in the story where it jumps, and what the player now sees."""
    timeline = session.timeline
    where = f"turn {timeline.depth} of {timeline.branch}"
    node = timeline.nodes[timeline.at]
    after = "" if node.id == ROOT else f", after: {deed(session.world, node)}"
    cut = f"--- {where}{after} ---"
    return f"{cut}\n{session.room_text()}"


def branches(session: Session, argument: str) -> str:
    timeline, world = session.timeline, session.world
    width = max(len(name) for name in timeline.heads)
    lines = []
    for name, head in timeline.heads.items():
        node = timeline.nodes[head]
        mark = "*" if name == timeline.branch else " "
        turns = "1 turn" if node.depth == 1 else f"{node.depth} turns"
        last = "" if node.id == ROOT else f", the last: {deed(world, node)}"
        lines.append(f"{mark} {name.ljust(width)}  {turns}{last}")
    lines.append("switch NAME plays on with a branch; branch NAME names the one you play.")
    return "\n".join(lines)


def branch(session: Session, argument: str) -> str:
    """Name what is played from here on: the branch itself at its end, else one that begins here."""
    timeline = session.timeline
    words = argument.lower().split()
    if not words:
        return f"You play the branch {timeline.branch}. branch NAME gives it another name."
    renamed = timeline.branch
    if len(words) == 2 and words[0] in timeline.heads:
        renamed = words.pop(0)
    name = "-".join(words)
    if not _NAME.fullmatch(name):
        return _BAD_NAME
    if name in timeline.heads:
        return f"There is a branch {name} already. switch {name} plays on with it."
    if renamed == timeline.branch and timeline.at != timeline.heads[renamed]:
        timeline.begin(name)
        said = f"The branch {name} begins here, at turn {timeline.depth}."
    else:
        timeline.rename(renamed, name)
        said = f"The branch {renamed} is now called {name}."
    return "\n".join([said, *session.keep()])


def switch(session: Session, argument: str) -> str:
    """Play on with another branch: at its end, or after the turn that is named."""
    timeline = session.timeline
    name, _, turn = argument.lower().partition(" ")
    if name not in timeline.heads:
        return f"Which branch? There are: {', '.join(timeline.heads)}."
    if turn and not turn.isdecimal():
        return f"switch {name} goes to its end, switch {name} 3 to its third turn."
    if not session.switch(name, int(turn) if turn else None):
        return f"There is no turn {turn}: the branch {name} has fewer."
    return arrived(session)


def means_branch(session: Session, argument: str) -> bool:
    """Whether "switch ..." is about a branch, and not about a lamp to switch on."""
    words = argument.lower().split()
    return (
        not words
        or words[0] in session.timeline.heads
        or words[0] not in ("on", "off")
        and (words[-1] not in ("on", "off"))
    )
