"""The nearest thing that would work, for a line that was not understood; and completions."""

from __future__ import annotations

from difflib import get_close_matches

from game.engine.conditions import wording
from game.engine.model import State, World
from game.engine.parsing.lexicon import HEAD, lexicon
from game.engine.parsing.patterns import grammar
from game.engine.parsing.words import EVERYTHING, ORDINARY, OWN_WORDS, PEOPLE, fold, words_of
from game.engine.rules import admissible, canonical
from game.engine.scope import Scope
from game.engine.verbs import VERBS, emotes
from game.engine.verbs.base import ref

#: How alike two words, or two commands, must be (difflib's ratio) to take one for the other.
ALIKE = 0.65
ALIKE_COMMAND = 0.72


_PLAIN = OWN_WORDS - ORDINARY


def is_known(scope: Scope, word: str) -> bool:
    """Whether the word is the parser's, a verb's, or in any name of the world, seen or not."""
    return (
        word in grammar().words
        or word in OWN_WORDS
        or word in lexicon(scope.world).words
        or word.removesuffix("'s") in lexicon(scope.world).words
        or word.isdigit()
    )


def mentioned(scope: Scope, word: str) -> bool:
    """Whether the descriptions of the room, or of anything in sight, speak of `word`, a noun."""
    state, world = scope.state, scope.world
    if len(word) < 3 or not scope.lit or word in grammar().words or word in _PLAIN:
        return False
    texts = [wording(state, world.rooms[scope.room])]
    # A book may tell of a crown that is to be had in another room.
    if not _can_be_had(world, word):
        texts += [wording(state, world.thing(id)) for id in scope.visible()]
    said = {w for text in texts for w in words_of(text)}
    return bool({word, word + "s", word.removesuffix("s")} & said)


def _can_be_had(world: World, word: str) -> bool:
    found = lexicon(world).matches((word,))
    return any(
        fit >= HEAD and id in world.items and not world.items[id].fixed for id, fit in found.items()
    )


def respelt(scope: Scope, word: str, first: bool) -> list[str]:
    """Words much like `word`: of verbs at the head of a command, else of what is perceived."""
    if len(word) < 3:
        return []
    if first:
        near = [*grammar().heads, *_way_words(scope)]
    else:
        near = [*_seen_words(scope), *_way_words(scope), *grammar().words, "the"]
        near += sorted(EVERYTHING | PEOPLE)
    slips = 1 if len(word) < 6 else 2
    alike = get_close_matches(word[:40], list(dict.fromkeys(near)), 4, ALIKE)
    alike = [other for other in alike if _slips(word[:40], other) <= slips]
    # A word is cut short more often than a letter within it is left out.
    return sorted(alike, key=lambda other: not other.startswith(word))[:2]


def _slips(one: str, other: str) -> int:
    """Letters left out, added, changed or swapped with the next (Damerau-Levenshtein distance)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        new = [i]
        for j, b in enumerate(other, 1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        before, row = row, new
    return row[-1]


def _seen_words(scope: Scope) -> list[str]:
    things = (scope.world.thing(id) for id in scope.visible())
    return [w for t in things for name in (t.name, *t.names) for w in words_of(name)]


def _way_words(scope: Scope) -> list[str]:
    ways = lexicon(scope.world).ways
    return [w for e in scope.exits for words in ways[e.id] for w in words if len(w) > 2]


def nearest_command(scope: Scope, line: str) -> str:
    """The admissible command most like the line; "" when none is like it."""
    said = " ".join(fold(w) for w in line[:60].split())
    commands = [canonical(scope.world, a) for a in admissible(scope.state, scope.actor)]
    near = get_close_matches(said, commands, 1, ALIKE_COMMAND)
    return near[0] if near else ""


def complete(state: State, actor: str, prefix: str) -> list[str]:
    """Admissible commands that begin with `prefix`, most useful first, gestures last.

    What was typed with another word for the verb is completed with that word ("x" to "x keeper").
    Speech cannot be listed; whom it may be addressed to can ("tell keeper").
    """
    typed = " ".join(fold(w) for w in prefix.split())
    if prefix[-1:].isspace() and typed:
        typed += " "
    if len(typed) > 80:
        return []
    world = state.world
    plain: list[str] = []
    others: list[str] = []
    gestures: list[str] = []
    for action in admissible(state, actor):
        verb = VERBS[action.verb]
        command = canonical(world, action)
        if command.casefold().startswith(typed):
            (gestures if isinstance(verb, emotes.Emote) else plain).append(command)
        elif typed:
            tail = command[len(verb.words[0]) :]
            for word in verb.words[1:]:
                if typed.startswith(f"{word} ") and f"{word}{tail}".casefold().startswith(typed):
                    others.append(word + tail)
                    break
    people = [id for id in state.contents[state.parent[actor]] if id in world.characters]
    for verb in VERBS.values():
        if verb.default_text and verb.noun_kind == "person" and typed:
            for person in people:
                command = f"{verb.words[0]} {ref(world, person)}"
                if (
                    command.startswith(typed)
                    and verb.check(Scope(state, actor), person, None) is None
                ):
                    plain.append(command)
    whole = [c for c in plain if c == typed.strip()]
    return list(dict.fromkeys((*whole, *plain, *gestures, *others)))
