"""The words of a line, and the words that the parser knows by itself."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from game.engine.model import DIRECTIONS

#: What is beyond these is not read: a line in characters, then in words.
LONGEST_LINE = 600
MOST_TOKENS = 64

_TOKEN = re.compile(r"[\w\u0300-\u036f]+(?:['’][\w\u0300-\u036f]+)*|[^\w\s]")
_QUOTES = {**dict.fromkeys("“”„«»〝〞", '"'), **dict.fromkeys("‘’‚`´", "'")}


class Token(NamedTuple):
    """A word or a punctuation mark: folded, with its place in the line as typed."""

    word: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.word[0].isalnum() or self.word[0] == "_"


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """A word as it is compared: without case, accents or typographic marks."""
    if not word.isascii():
        word = "".join(_QUOTES.get(c, c) for c in word)
        bare = "".join(
            c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)
        )
        word = bare or word
    return word.casefold()


def tokens_of(line: str) -> list[Token]:
    """The words and marks of a line, in order. Hyphens separate words; underscores do not."""
    found = []
    for match in _TOKEN.finditer(line):
        word = fold(match.group())
        word = "and" if word in "&+" else word
        if word:
            found.append(Token(word, match.start(), match.end()))
            if len(found) == MOST_TOKENS:
                break
    return found


@lru_cache(maxsize=8192)
def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a name, without its punctuation."""
    return tuple(t.word for t in tokens_of(text) if t.is_word)


ARTICLES = frozenset(
    (
        "the",
        "a",
        "an",
        "some",
        "any",
        "my",
        "your",
        "his",
        "her",
        "its",
        "their",
        "our",
        "this",
        "that",
        "these",
        "those",
    )
)
#: Pronouns by the ParserMemory field that says what they stand for.
PRONOUNS = {
    "it": "it", "that": "it", "this": "it", "him": "him", "he": "him", "her": "her", "she": "her",
    "them": "them", "these": "them", "those": "them", "they": "them",
}  # fmt: skip
MYSELF = frozenset(("me", "i", "myself", "self", "yourself", "you"))
EVERYTHING = frozenset(("all", "everything", "both", "each", "every"))
PEOPLE = frozenset(("everyone", "everybody", "anyone", "anybody", "people", "someone", "somebody"))
#: What every place has, and no world need mention.
ORDINARY = frozenset(
    (
        "floor ground wall walls ceiling roof sky air sun moon star stars cloud clouds weather "
        "wind light dark darkness shadow shadows window windows corner dust dirt mud grass rain "
        "hand hands foot feet head face hair nose eye eyes ear ears mouth finger fingers arm arms "
        "leg legs clothes"
    ).split()
)
EXCEPT = frozenset(("except", "but", "excepting", "without"))
BODY = frozenset(("body", "corpse", "dead", "remains"))
WHEREABOUTS = frozenset(("in", "inside", "on", "upon", "from", "under", "of"))
#: Words that may stand before an answer: "to Mona", "with the brass one".
JOINTS = WHEREABOUTS | {"to", "with", "at", "into", "onto", "using", "off"}
YES = frozenset(("y", "yes", "yeah", "yep", "ok", "okay", "sure", "aye"))
#: Where a command surely ends, and where one may end and the next begin.
STOPS = frozenset((".", ";", "then", "!", "?"))
SEPARATORS = frozenset((".", ";", "then", "and", ",", "!", "?"))

_CARDINALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)
NUMBERS = {word: n for n, word in enumerate(_CARDINALS, 1)}
ORDINALS = {word: n for n, word in enumerate(_ORDINALS, 1)}
ORDINALS.update({"1st": 1, "2nd": 2, "3rd": 3, **{f"{n}th": n for n in range(4, 21)}})
LAST = "last"


def ordinal(word: str) -> int | None:
    """1 for "first" or "1st", -1 for "last"; None for another word."""
    return -1 if word == LAST else ORDINALS.get(word)


def number(word: str) -> int | None:
    """2 for "two" or "2"; None for another word, and for numbers nobody means."""
    if word in NUMBERS:
        return NUMBERS[word]
    return int(word) if word.isascii() and word.isdigit() and len(word) < 4 else None


_WAYS = {
    "north": "n northward northwards", "northeast": "ne north-east", "east": "e eastward eastwards",
    "southeast": "se south-east", "south": "s southward southwards", "southwest": "sw south-west",
    "west": "w westward westwards", "northwest": "nw north-west",
    "up": "u upstairs upward upwards ascend", "down": "d downstairs downward downwards descend",
    "in": "inside indoors inward within",
    "out": "outside outdoors outward exit leave get-out go-out",
}  # fmt: skip
#: Ways of saying a direction, as words, to the direction.
WAYS: dict[tuple[str, ...], str] = {
    words_of(way): direction
    for direction in DIRECTIONS
    for way in (direction, *_WAYS[direction].split())
}
#: Words before the name of the room one is in that mean the way out of it.
OUT_OF = (("leave",), ("exit",), ("out", "of"), ("get", "out", "of"), ("go", "out", "of"))
HERE = frozenset((("here",), ("room",), ("place",), ("building",), ()))

#: Polite words that may stand before a command, longest first, and after one.
FLUFF_BEFORE = sorted(
    (
        words_of(p)
        for p in (
            "please", "kindly", "now", "then", "and", "ok", "okay", "well", "so", "just", "i",
            "i want to", "i would like to", "i'd like to", "i wanna", "i will", "i'll",
            "i am going to", "i'm going to", "i try to", "try to", "let me", "let us", "let's",
            "lets", "can you",
            "could you", "would you", "can i", "could i", "may i", "will you", "you", "go and",
            "go ahead and", "i need to", "i must", "i shall", "oh", "hey", "um", "quickly",
            "carefully", "slowly", "quietly", "and then", "damn it", "for god's sake",
            "want to", "attempt to", "i should", "maybe", "perhaps", "do", "do you", "we",
            "try and", "proceed to", "begin to", "start to", "i should like to",
        )
    ),
    key=len,
    reverse=True,
)  # fmt: skip
FLUFF_AFTER = sorted(
    (
        words_of(p)
        for p in (
            "please", "now", "thanks", "thank you", "quickly", "carefully", "slowly", "quietly",
            "right now", "for me", "already", "instead", "too", "dammit", "damn it", "you idiot",
            "you stupid game", "stupid", "again", "will you", "ok",
        )
    ),
    key=len,
    reverse=True,
)  # fmt: skip

#: Words that the parser understands besides those of verbs and names.
OWN_WORDS = frozenset(
    {
        *ARTICLES, *PRONOUNS, *MYSELF, *EVERYTHING, *EXCEPT, *BODY, *WHEREABOUTS, *YES, *NUMBERS,
        *ORDINALS, LAST, "and", "then", "one", "ones", "other", "here", "room", "way", "door",
        *PEOPLE, *ORDINARY,
        *(w for way in WAYS for w in way), *(w for p in (*FLUFF_BEFORE, *FLUFF_AFTER) for w in p),
    }
)  # fmt: skip
