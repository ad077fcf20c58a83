"""Another way to put a line that was not understood: oaths left out, greetings made speech, ..."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from game.engine.parsing.nouns import NounReader
from game.engine.parsing.words import WAYS, Token, number
from game.engine.scope import Scope
from game.engine.verbs import VERBS
from game.engine.verbs.base import ref

#: The most often that one command is done for "wait 20" or "n 3 times".
MOST_TIMES = 20
_TIMES = {"once": 1, "twice": 2, "thrice": 3}
_COUNTED = ("times", "time", "turns", "turn", "minutes", "minute", "moves")
#: Words in the middle of a line that only say how its writer feels.
_OATHS = frozenset(
    "bloody fucking damn damned goddamn goddamned sodding bleeding stupid freaking effing".split()
)
_GREETINGS = (
    ("good", "morning"), ("good", "afternoon"), ("good", "evening"), ("good", "night"),
    ("good", "day"), ("how", "do", "you", "do"), ("how", "are", "you"), ("thank", "you"),
    ("thanks",), ("thank",), ("goodbye",), ("farewell",), ("hello",), ("hi",), ("hey",), ("hiya",),
    ("greetings",), ("sorry",), ("cheers",), ("welcome",), ("yes",), ("no",), ("ok",), ("okay",),
    ("please",), ("nope",), ("yeah",), ("yep",), ("sure",), ("never", "mind"), ("lol",), ("well",),
    ("excuse", "me"), ("pardon",), ("pardon", "me"), ("oh",), ("ah",), ("hm",), ("hmm",), ("ha",),
    ("wow",), ("cool",), ("great",), ("nice",), ("congratulations",), ("indeed",), ("maybe",),
    ("why",), ("why", "not"), ("really",),
)  # fmt: skip
#: First words of what is no command but a remark.
_REMARKS = frozenset(
    "i i'm im i've i'd this that's thats it's its you you're your my we they he she".split()
)
_EVERYONE = frozenset((("there",), ("all",), ("everyone",), ("everybody",), ("you",), ("again",)))
_BACK = frozenset((("back",), ("go", "back"), ("return",), ("retreat",), ("turn", "back"),
                   ("go", "back", "again"), ("walk", "back"), ("back", "up"), ("turn", "around"),
                   ("go", "back", "the", "way", "i", "came")))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rewording:
    """A line to parse instead, how many times to do it, and what to announce."""

    line: str
    times: int = 1
    announced: str = ""


def steps(tokens: Sequence[Token]) -> list[str]:
    """ "e e n": several one-word commands in a row; empty for another line."""
    words = [t.word for t in tokens]
    if len(words) < 2 or not all(t.is_word for t in tokens):
        return []
    single = all((w,) in WAYS and len(w) < 3 for w in words)
    return words if single or set(words) in ({"z"}, {"wait"}) else []


def way_back(scope: Scope, tokens: Sequence[Token], before: str) -> str | None:
    """The word for the way to the room `before`, if the line is "go back"; None for another line.

    "" when no way leads there.
    """
    if tuple(t.word for t in tokens if t.is_word) not in _BACK:
        return None
    if not before:
        return "go"
    return next((exit.name for exit in scope.exits if exit.to == before), "")


def rewordings(nouns: NounReader, text: str) -> Iterator[Rewording]:
    """What a line that means nothing may be meant for, the likeliest first."""
    tokens = nouns.tokens
    words = tuple(t.word for t in tokens if t.is_word)
    yield from _repeated(tokens, text)
    yield from _greeted(nouns, words)
    yield from _here(nouns, words)
    yield from _calmed(tokens, text)
    yield from _armed(nouns, words)
    yield from _addressed(nouns, text)
    yield from _patient(words)
    yield from _remarked(nouns, words, text)


def _repeated(tokens: Sequence[Token], text: str) -> Iterator[Rewording]:
    """ "wait 5 turns", "n twice": the command, and how often."""
    kept = [t for t in tokens if t.is_word]
    end = len(kept)
    if end > 2 and kept[-1].word in _COUNTED:
        end -= 1
    if end < 2:
        return
    times = _TIMES.get(kept[end - 1].word) or number(kept[end - 1].word)
    waits = kept[0].word in VERBS["wait"].words
    counted = end < len(kept) or kept[end - 1].word in _TIMES or waits
    if not times or not counted:
        return
    end -= 1
    if end > 1 and kept[end - 1].word == "for":
        end -= 1
    yield Rewording(text[: kept[end - 1].end].strip(), min(times, MOST_TIMES))


def _here(nouns: NounReader, words: tuple[str, ...]) -> Iterator[Rewording]:
    """ "examine the tavern", standing in it: the room."""
    rest = tuple(w for w in words[1:] if w not in ("at", "in", "around", "inside", "the", "of"))
    for verb, line in (("examine", "look"), ("search", "search"), ("smell", "smell")):
        said = words[0] in VERBS[verb].words or (words[0] in ("look", "l") and line == "look")
        if said and (rest == ("here",) or (rest and nouns.is_here(rest))):
            yield Rewording(line)


def _greeted(nouns: NounReader, words: tuple[str, ...]) -> Iterator[Rewording]:
    """ "good morning", "thanks, Tom": said aloud, or to whoever is named."""
    for greeting in sorted(_GREETINGS, key=len, reverse=True):
        if words[: len(greeting)] != greeting:
            continue
        rest = words[len(greeting) :]
        said = "Thank you." if greeting == ("thank",) else " ".join(greeting).capitalize() + "."
        if not rest or rest in _EVERYONE:
            yield Rewording(f"say {said}")
            return
        person = _person(nouns, rest)
        if person:
            yield Rewording(f"tell {person} {said}")
            return


def _calmed(tokens: Sequence[Token], text: str) -> Iterator[Rewording]:
    """The line without oaths before another word."""
    if not any(t.word in _OATHS for t in tokens[1:-1]):
        return
    last = len(tokens) - 1
    kept = [t for n, t in enumerate(tokens) if t.word not in _OATHS or n in (0, last)]
    yield Rewording(" ".join(text[t.start : t.end] for t in kept))


def _armed(nouns: NounReader, words: tuple[str, ...]) -> Iterator[Rewording]:
    """ "hit the troll with the club", which one has: taken in hand first, if it is not."""
    if words[0] not in VERBS["hit"].words or "with" not in words:
        return
    at = words.index("with")
    person = _person(nouns, words[1:at])
    held = [id for id in nouns._single(words[at + 1 :]) if id in nouns.scope.carried]
    if person and len(held) == 1:
        armed = nouns.scope.state.manner.get(held[0]) == "wielded"
        first = "" if armed else f"wield {ref(nouns.scope.world, held[0])}. "
        yield Rewording(f"{first}hit {person}")


def _addressed(nouns: NounReader, text: str) -> Iterator[Rewording]:
    """ "tom follow me": somebody here, and what is said to them without a comma."""
    tokens = nouns.tokens
    for n in range(min(5, len(tokens) - 1), 0, -1):
        person = _person(nouns, tuple(t.word for t in tokens[:n] if t.is_word))
        if person:
            said = text[tokens[n].start :].strip()
            typed = text[tokens[0].start : tokens[n - 1].end]
            if not any(t.is_word for t in tokens[n:]):
                return
            yield Rewording(f"tell {person} {said}", announced=f"(to {typed})")
            return


def _patient(words: tuple[str, ...]) -> Iterator[Rewording]:
    """ "wait for tom": a turn's wait."""
    if words[0] in VERBS["wait"].words and words[1:2] in (("for",), ("until",), ("till",)):
        yield Rewording("wait")


def _remarked(nouns: NounReader, words: tuple[str, ...], text: str) -> Iterator[Rewording]:
    """ "i love you", "this is stupid": no command at all, and said to whoever is here."""
    if words[0] in _REMARKS and len(words) > 2 and nouns.scope.here:
        yield Rewording(f"say {text.strip()}", announced="(aloud)")


def _person(nouns: NounReader, words: tuple[str, ...]) -> str:
    """The words that name the one living person here whom `words` name; "" for nobody."""
    found = [id for id in nouns._single(words) if id in nouns.scope.here] if words else []
    return ref(nouns.scope.world, found[0]) if len(found) == 1 else ""
