"""Rooms, things, people and the player's own state, described from what one character perceives."""

from __future__ import annotations

from collections.abc import Iterable

from game.engine.conditions import wording
from game.engine.model import Exit, Item, State
from game.engine.rules import admissible, canonical
from game.engine.scope import Scope, is_open
from game.engine.verbs import VERBS
from game.engine.verbs.base import Verb
from game.engine.verbs.emotes import Emote
from game.narrator.grammar import agree, capitalise, full_stop, join
from game.narrator.names import a, the

_HEALTH = (
    (1.0, "unhurt"), (0.75, "slightly hurt"), (0.5, "hurt"), (0.25, "badly hurt"),
    (0.0, "close to death"),
)  # fmt: skip
_DARK = "It is too dark to see anything here."


def describe_room(state: State, actor: str, scope: Scope) -> str:
    """The room as `actor` sees it: name, description, things, people and exits, a line each."""
    room = state.world.rooms[scope.room]
    if not scope.lit:
        return "\n".join(filter(None, ("Darkness", _DARK, _exits_line(state, scope))))
    parts = [
        room.name,
        wording(state, room).strip(),
        _things_line(state, actor, scope),
        *(full_stop(person_here(state, id)) for id in scope.here),
        *(_body_line(state, id) for id in scope.bodies),
        _exits_line(state, scope),
    ]
    return "\n".join(part for part in parts if part)


def _things_line(state: State, actor: str, scope: Scope) -> str:
    loose = [i for i in state.contents[scope.room] if i in scope.loose]
    if not loose:
        return ""
    inside = [line for item in loose if (line := _contents(state, item))]
    return " ".join([f"You see {_list(state, loose)} here.", *inside])


def _list(state: State, ids: Iterable[str]) -> str:
    return join([a(state, id) + _marks(state, id) for id in ids])


def _marks(state: State, id: str) -> str:
    """What shows about a thing's state, in brackets: " (closed)", " (lit)"."""
    item = state.world.items.get(id)
    if item is None:
        return ""
    marks = []
    if item.openable:
        marks.append("open" if is_open(state, item) else "closed")
    if id in state.lit:
        marks.append("lit")
    return f" ({', '.join(marks)})" if marks else ""


def _contents(state: State, id: str) -> str:
    """What is seen in or on a thing, and in or on that in turn; "" when nothing is."""
    item = state.world.items[id]
    if item.holds is None or not (item.holds == "on" or is_open(state, item) or item.transparent):
        return ""
    held = [i for i in state.contents[id] if i not in state.hidden]
    if not held:
        return ""
    verb = agree("are", len(held) > 1 or _plural(state, held[0]))
    line = f"{capitalise(item.holds)} {the(state, id)} {verb} {_list(state, held)}."
    deeper = [inner for h in held if h in state.world.items and (inner := _contents(state, h))]
    return " ".join([line, *deeper])


def _plural(state: State, id: str) -> bool:
    return state.world.thing(id).plural


def person_here(state: State, id: str) -> str:
    """Who stands there and with what in hand, without the full stop."""
    worn, wielded, _ = _gear(state, id)
    verb = agree("are", _plural(state, id))
    extras = []
    if wielded:
        extras.append(f"wielding {_list(state, wielded)}")
    if worn:
        extras.append(f"wearing {_list(state, worn)}")
    tail = f", {join(extras)}" if extras else ""
    return capitalise(f"{a(state, id)} {verb} here{tail}")


def _gear(state: State, id: str) -> tuple[list[str], list[str], list[str]]:
    """What a character wears, wields and merely carries."""
    worn: list[str] = []
    wielded: list[str] = []
    carried: list[str] = []
    for item in state.contents[id]:
        if item in state.hidden:
            continue
        how = state.manner.get(item)
        (worn if how == "worn" else wielded if how == "wielded" else carried).append(item)
    return worn, wielded, carried


def _body_line(state: State, id: str) -> str:
    held = [i for i in state.contents[id] if i not in state.hidden]
    verb = agree("lie", _plural(state, id))
    tail = f", with {_list(state, held)}" if held else ""
    return capitalise(f"{a(state, id)} {verb} here{tail}.")


def _exits_line(state: State, scope: Scope) -> str:
    if not scope.exits:
        return "There is no way out that you can see."
    return f"Exits: {', '.join(exit_label(state, e, lit=scope.lit) for e in scope.exits)}."


def exit_label(state: State, exit: Exit, *, lit: bool = True) -> str:
    """The word to go by, and what is seen of that way: "north (the oak door, closed)"."""
    notes = []
    if lit and exit.label and exit.label.lower() != exit.name.lower():
        notes.append(exit.label)
    if lit and exit.door is not None:
        door = state.world.items[exit.door]
        notes.append(f"{the(state, exit.door)}, {'open' if is_open(state, door) else 'closed'}")
    return f"{exit.name} ({'; '.join(notes)})" if notes else exit.name


def describe_item(state: State, id: str) -> str:
    """A thing looked at closely: its description, its state and what it is evidently for."""
    item = state.world.items[id]
    name = capitalise(the(state, id))
    described = wording(state, item).strip()
    parts = [described or f"You see nothing special about {the(state, id)}."]
    are = agree("are", item.plural)
    if item.openable:
        state_words = "open" if is_open(state, item) else "closed"
        parts.append(f"{name} {are} {state_words}.")
    if id in state.lit:
        parts.append(f"{name} {are} lit.")
    inside = _contents(state, id)
    if inside:
        parts.append(inside)
    elif item.holds and item.between is None and is_open(state, item):
        parts.append(f"There is nothing {item.holds} {the(state, id)}.")
    parts.extend(_uses(item))
    return " ".join(parts)


def _uses(item: Item) -> list[str]:
    uses = []
    if item.wieldable:
        uses.append("wield")
    if item.wearable:
        uses.append("wear")
    if item.food:
        uses.append("eat")
    if item.drink:
        uses.append("drink")
    pronoun = "them" if item.plural else "it"
    return [f"You could {join(uses, 'or')} {pronoun}."] if uses else []


def describe_exit(state: State, id: str) -> str:
    """A way out looked at closely."""
    exit = state.world.exits[id]
    description = wording(state, exit).strip()
    if exit.door is not None:
        description = f"{description} {describe_item(state, exit.door)}".strip()
    return description or f"It leads {exit.direction or exit.label or exit.name}."


def describe_character(state: State, id: str, reader: str) -> str:
    """Somebody looked at closely: description, health, mood, and what they have about them."""
    character = state.world.characters[id]
    you = id == reader
    subject = "You" if you else capitalise(the(state, id))
    plural = you or character.plural
    described = wording(state, character).strip()
    parts = [described] if described else []
    if id in state.dead:
        parts.append(f"{subject} {agree('are', plural)} dead." if you else f"{subject} lies still.")
    else:
        health = health_word(state, id)
        mood = "" if you else f" {agree('look', plural)} {state.mood_of(id)} and"
        parts.append(f"{subject}{mood} {agree('are', plural)} {health}.")
    worn, wielded, carried = _gear(state, id)
    pronoun = "You" if you else capitalise("they" if plural else character.pronoun)
    verb = agree("are", plural or pronoun == "They")
    held = [
        f"{doing} {_list(state, items)}"
        for doing, items in (("wearing", worn), ("wielding", wielded), ("carrying", carried))
        if items
    ]
    if held:
        parts.append(f"{pronoun} {verb} {join(held)}.")
    return " ".join(parts)


def health_word(state: State, id: str) -> str:
    """ "unhurt" to "close to death", by the share of the starting health that is left."""
    most = max(1, state.world.characters[id].health)
    share = state.health[id] / most
    return next(word for least, word in _HEALTH if share >= least or least == 0.0)


def inventory(state: State, reader: str) -> str:
    """What the reader carries, wields and wears, with what is inside."""
    worn, wielded, carried = _gear(state, reader)
    parts = [f"You are carrying {_list(state, carried) or 'nothing'}."]
    if wielded:
        parts.append(f"You are wielding {_list(state, wielded)}.")
    if worn:
        parts.append(f"You are wearing {_list(state, worn)}.")
    parts.extend(line for item in (*carried, *wielded, *worn) if (line := _contents(state, item)))
    return " ".join(parts)


def status(state: State, reader: str) -> str:
    """Health, stats, score and whom the reader follows or blocks."""
    most = state.world.characters[reader].health
    stats = ", ".join(
        f"{name} {state.stat(reader, name)}" for name in ("strength", "dexterity", "defense")
    )
    lines = [
        f"Health {state.health[reader]} of {most}: you are {health_word(state, reader)}.",
        capitalise(stats) + ".",
        f"Score {state.score}, experience {state.xp}.",
    ]
    if reader in state.following:
        lines.append(f"You are following {the(state, state.following[reader])}.")
    if reader in state.blocking:
        lines.append(f"You are standing in {the(state, state.blocking[reader])}'s way.")
    return "\n".join(lines)


def goals(state: State, reader: str) -> str:
    """The quests the player has taken on, with what is done of each; and the role's aim."""
    lines: list[str] = []
    role = state.world.roles.get(state.role.get(reader, ""))
    if role is not None and role.description:
        lines.append(full_stop(role.description))
    quests = {quest.name.casefold() for quest in state.world.quests.values()}
    lines.extend(
        full_stop(capitalise(goal))
        for goal in state.world.characters[reader].goals
        if goal.rstrip(".").casefold() not in quests
    )
    for quest in state.world.quests.values():
        standing = state.quests.get(quest.id)
        if standing is None:
            continue
        done = " (done)" if standing == "done" else ""
        lines.append(
            f"{quest.name}{done}" + (f": {quest.description}" if quest.description else "")
        )
        for goal in quest.goals if standing == "active" else ():
            count = min(state.fired.get(f"{quest.id}:{goal.id}", 0), goal.count)
            progress = f" ({count} of {goal.count})" if goal.count > 1 else ""
            mark = "x" if count >= goal.count else " "
            lines.append(f"  [{mark}] {goal.text}{progress}")
    return "\n".join(lines) if lines else "You have no goals but your own."


def actions(state: State, reader: str) -> str:
    """What the reader could do now, gestures and speech aside, as commands they can type."""
    shown = [
        canonical(state.world, action)
        for action in admissible(state, reader)
        if not isinstance(VERBS[action.verb], Emote)
    ]
    return "You could: " + ", ".join(shown) + "."


def help_text() -> str:
    """The help page: every verb with how to say it and what it does."""
    rows = [(_how_to_say(v), v) for v in VERBS.values() if not isinstance(v, Emote)]
    width = max(len(say) for say, _ in rows)
    gestures = ", ".join(v.name for v in VERBS.values() if isinstance(v, Emote))
    return "\n".join(
        [
            "Type what you want to do, for example: take the lamp.",
            *(f"  {say.ljust(width)}  {verb.help}" for say, verb in rows),
            f"Gestures, at large or at somebody: {gestures}.",
        ]
    )


def _how_to_say(verb: Verb) -> str:
    """ "put {noun} in|into {second}" as "put SOMETHING in SOMETHING"."""
    stand_ins = {
        "{noun}": {"person": "SOMEBODY", "exit": "SOMEWHERE"}.get(verb.noun_kind, "SOMETHING"),
        "{second}": "SOMEBODY" if verb.second_kind == "person" else "SOMETHING",
        "{text}": "WORDS",
    }
    words = [verb.words[0]]
    words.extend(stand_ins.get(token, token.split("|")[0]) for token in verb.grammar[0].split())
    return " ".join(words)
