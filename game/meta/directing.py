"""The director's hand: who plays what, and giving a character another role."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from game.engine.roles import part_of, role_line

if TYPE_CHECKING:
    from game.session import Session

_WEIGHT = re.compile(r"\d+(?:\.\d+)?|\.\d+")


def direct(session: Session, argument: str) -> str:
    """`NAME as ROLE`, `NAME as 0.6 ROLE 0.4 ROLE`, or only NAME to ask; from the next turn on."""
    if session.cast is None:
        return "Nobody is cast in this game: its characters follow the script alone."
    who, found, role = (part.strip() for part in re.split(r"(\s+as\s+|$)", argument, maxsplit=1))
    if not who:
        return f"Whom? For example: :direct guard as thief\n{_roles(session)}"
    people = _people(session, who)
    if not people:
        return f"There is nobody called {who}."
    if len(people) > 1:
        return f"Which one: {', '.join(_name(session, p) for p in people)}?"
    one = people[0]
    if not found:
        return _playing(session, one)
    if one in session.state.dead:
        return f"{_name(session, one)} is dead, and takes no direction."
    part = _part(role.lower())
    known = session.cast.roles()
    unknown = [name for name in part if name not in known]
    if not part:
        return "Give a role, or weights: :direct guard as 0.6 thief 0.4 healer"
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"Nobody knows the role {unknown[0]}.{hint}\n{_roles(session)}"
    session.directions[one] = role_line(part)
    return "\n".join([_playing(session, one), *session.keep()])


def _part(text: str) -> dict[str, float]:
    """Weights by role: "thief", "0.6 thief 0.4 healer", "3 thief healer" (1 where none is said).
    Empty for what is none of these."""
    part: dict[str, float] = {}
    weight: float | None = None
    for word in text.replace(",", " ").replace(" and ", " ").split():
        if _WEIGHT.fullmatch(word):
            if weight is not None:
                return {}
            weight = float(word)
        else:
            part[word] = part.get(word, 0.0) + (1.0 if weight is None else weight)
            weight = None
    if weight is not None:
        return {}
    return {name: share for name, share in part.items() if share > 0}


def _people(session: Session, name: str) -> list[str]:
    """The characters that the name fits: exactly, else by every word of it."""
    world = session.world
    words = set(re.sub(r"^(the|a|an)\s+", "", name.lower()).split())
    others = [c for c in world.characters.values() if c.id != world.player]
    named = [c for c in others if name.lower() in (c.id, c.name.lower())]
    found = named or [
        c for c in others if words <= {*c.name.lower().split(), *_words(c.names), c.id}
    ]
    return [c.id for c in found]


def _words(names: tuple[str, ...]) -> set[str]:
    return {word for name in names for word in name.lower().split()}


def _playing(session: Session, who: str) -> str:
    assert session.cast is not None
    given = session.directions.get(who)
    role = given or session.state.role.get(who)
    if role is None:
        return f"{_name(session, who)} plays no role."
    mix = " and ".join(
        name if weight == 1 else f"{weight:.0%} {name}" for name, weight in part_of(role).items()
    )
    return f"{_name(session, who)} plays {mix}{' from now on' if given else ''}."


def _name(session: Session, who: str) -> str:
    name = session.world.name(who)
    return name[:1].upper() + name[1:]


def _roles(session: Session) -> str:
    assert session.cast is not None
    return f"Roles: {', '.join(session.cast.roles())}."
