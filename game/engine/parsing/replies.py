"""What the parser says: its questions, what it assumed, and what it did not understand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from game.engine.events import Action
from game.engine.model import Character
from game.engine.parsing.lexicon import lexicon
from game.engine.parsing.names import labels, listed, the
from game.engine.parsing.reading import Reading
from game.engine.parsing.words import ARTICLES
from game.engine.scope import Scope
from game.engine.verbs import VERBS
from game.engine.verbs.base import ref

SAY_SOMETHING = "Say something: try look, or help."
NOT_SEEN = "You can't see any such thing here."
NOBODY = "There is nobody like that here."
NO_BACK = "There is no going straight back the way you came."
ONLY_A_WAY = "That is only a way to go."
NOTHING_THAT_WAY = "You see nothing of note that way."
TOO_DARK = "It is too dark to see any such thing. A light would help."
#: More choices than this are not read out.
MOST_CHOICES = 6


def slot_ids(reading: Reading) -> list[str]:
    """The distinct ids between which the reading leaves the choice."""
    index = 1 if reading.slot == "noun" else 2
    ids: Iterable[str | None] = (action[index] for action in reading.actions)
    return [id for id in dict.fromkeys(ids) if id is not None]


def question(scope: Scope, reading: Reading, said: str) -> str:
    """What to ask about the slot that the reading leaves open; `said` are the player's words."""
    verb, ids = reading.pattern.verb, slot_ids(reading)
    names = labels(scope, ids)
    doing = reading.pattern.said.capitalize()
    if reading.slot in reading.cut:
        if ids and ids[0] in scope.world.exits:
            return f"Which way, {listed(names)}?"
        return f"Which {said}, {listed(names)}?" if said else f"Which, {listed(names)}?"
    many = not ids or len(ids) > MOST_CHOICES
    if reading.slot == "second":
        first = reading.actions[0]
        object = f" {the(scope, first.noun)}" if first.noun else ""
        if many:
            return f"{doing}{object} {joint(scope, first)} what?"
        options = [
            f"{joint(scope, a)} {name}"
            for a, name in zip(_first_of_each(reading.actions, ids), names, strict=True)
        ]
        return f"{doing}{object} {listed(options)}?"
    what = {"person": "whom", "exit": "where"}.get(verb.noun_kind, "what")
    return f"{doing} {what}?" if many else f"{doing} {what}: {listed(names)}?"


def say_what(scope: Scope, action: Action, doing: str) -> str:
    """What to ask one who wants to speak and has not said what."""
    doing = "say" if doing == "tell" else doing.removesuffix(" to")
    whom = f" to {the(scope, action.noun)}" if action.noun else ""
    return f"{doing.capitalize()} what{whom}?"


def _first_of_each(actions: Sequence[Action], seconds: Sequence[str]) -> list[Action]:
    return [next(a for a in actions if a.second == id) for id in seconds]


def joint(scope: Scope, action: Action) -> str:
    """The preposition between the action's noun and second ("with", "on")."""
    verb = VERBS[action.verb]
    for pattern in verb.grammar:
        words = pattern.split()
        if "{noun}" in words and "{second}" in words[2:]:
            return verb.preposition(scope.world, action, words[words.index("{second}") - 1])
    return ""


def assumed(scope: Scope, reading: Reading) -> str:
    """ "(with the brass key)": what the parser chose for the player, in words; "" for nothing."""
    action = reading.actions[0]
    parts = []
    if action.noun is not None and "noun" in reading.filled:
        parts.append(the(scope, action.noun))
    # Where a thing lies is no assumption; who has it may be.
    known = scope.state.parent.get(str(action.noun)) == action.second
    if "second" in reading.filled and (not known or action.noun in scope.theirs):
        parts.append(f"{joint(scope, action)} {the(scope, str(action.second))}")
    return f"({' '.join(parts)})" if parts else ""


def choice_name(scope: Scope, id: str) -> str:
    """An answer that means this choice and no other."""
    return ref(scope.world, id)


def one_at_a_time(scope: Scope) -> str:
    """For what is meant for everybody and can be done with one alone."""
    names = labels(scope, scope.here)
    if len(names) == 1:
        return f"There is only {names[0]} here."
    return f"One at a time: {listed(names)}?"


def nobody(scope: Scope, said: tuple[str, ...]) -> str:
    """For words that mean nobody here: who is not here, where they are somebody's own name."""
    bare = tuple(word for word in said if word not in ARTICLES)
    people, seen = scope.world.characters, scope.visible()
    meant = [people[id] for id in lexicon(scope.world).matches(bare) if id in people]
    found = [who for who in meant if who.id not in seen and not _proper(who).isdisjoint(bare)]
    if len(found) != 1:
        return NOBODY
    absent = the(scope, found[0].id)
    are = "are" if found[0].plural else "is"
    return f"{absent[:1].upper()}{absent[1:]} {are} not here."


def _proper(who: Character) -> set[str]:
    """The words of somebody's own name, in lower case."""
    return {word.casefold() for word in who.name.split() if word[:1].isupper()}


def is_called(scope: Scope, word: str) -> bool:
    """Whether `word`, in lower case, is a proper name of any character, here or elsewhere."""
    return any(word in _proper(who) for who in scope.world.characters.values())


def is_name(scope: Scope, said: str) -> bool:
    """Whether `said`, in lower case, is the whole name of anything, here or elsewhere."""
    things = scope.world.entities.values()
    names = (name.casefold() for t in things for name in (t.name, *t.names))
    return any(said in (name, name.partition(" ")[2]) for name in names if " " in name)


def unknown_word(word: str) -> str:
    return f'I don\'t know the word "{word}".'


def only_scenery(word: str) -> str:
    return f"There is no need to trouble with the {word}."


def no_such_pronoun(word: str) -> str:
    return f'There is nothing here that "{word}" could be. Say what you mean by name.'


def ordinary(word: str) -> str:
    return f"There is nothing out of the ordinary about the {word}."


def no_way(scope: Scope) -> str:
    ways = [e.name for e in scope.exits]
    if not ways:
        return "There is no way out of here that you can see."
    return f"There is no way like that from here. You can go {listed(ways)}."
