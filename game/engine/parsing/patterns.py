"""The verbs' grammar, compiled: which patterns of words and slots a line can follow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from game.engine.parsing.words import Token, tokens_of
from game.engine.verbs import DECLINED, VERBS
from game.engine.verbs.base import Verb

#: The longest noun phrase, in tokens, and the most ways of cutting one line to one pattern.
LONGEST_NOUN = 16
MOST_CUTS = 64

_PART = re.compile(r"\{(\w+)\}|[^\s{}\",:]+|[\",:]")

#: Alternatives, each a sequence of words.
Literal = tuple[tuple[str, ...], ...]
#: Where each slot's words are, as a range of tokens.
Cut = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to phrase one verb: literals and the slots "noun", "second" and "text".

    `said` are the verb's words at its head. `cut_short` marks a pattern of the grammar with its end
    left off ("put mug"), for which the parser assumes or asks for the rest. `spoken` is what is
    said when the words of its text alone are not ("Tell me about {text}."), or when it has no text
    ("Who are you?"); "{thing}" in it are the same words with an article, if they are a thing.
    """

    verb: Verb
    parts: tuple[str | Literal, ...]
    said: str
    cut_short: bool = False
    spoken: str = ""

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(p for p in self.parts if isinstance(p, str))

    @property
    def headless(self) -> bool:
        """Whether it begins with no word of its own ("{noun}, {text}")."""
        return isinstance(self.parts[0], str)

    @property
    def weight(self) -> int:
        """How many words of the line the pattern accounts for by itself."""
        return sum(len(p[0]) for p in self.parts if not isinstance(p, str))

    def cuts(self, tokens: Sequence[Token]) -> Iterator[Cut]:
        """Every way the tokens follow this pattern, at most MOST_CUTS."""
        return islice(self._cuts(tokens, 0, 0, {}), MOST_CUTS)

    def _cuts(
        self, tokens: Sequence[Token], part: int, at: int, found: dict[str, tuple[int, int]]
    ) -> Iterator[Cut]:
        end = len(tokens)
        if part == len(self.parts):
            if not any(t.is_word for t in tokens[at:]):
                yield dict(found)
            return
        here = self.parts[part]
        if not isinstance(here, str):
            for words in here:
                if _follows(tokens, at, words):
                    yield from self._cuts(tokens, part + 1, at + len(words), found)
            return
        last = part == len(self.parts) - 1
        stops: Sequence[int]
        if here == "text":
            # The last place where speech could end first: people say "to" more than once.
            stops = (end,) if last else range(end, at, -1)
        else:
            while end > at and not tokens[end - 1].is_word:
                end -= 1
            stops = (end,) if last else range(at + 1, min(end, at + LONGEST_NOUN) + 1)
        for stop in stops:
            if stop > at:
                found[here] = (at, stop)
                yield from self._cuts(tokens, part + 1, stop, found)
                del found[here]


def _follows(tokens: Sequence[Token], at: int, words: tuple[str, ...]) -> bool:
    if at + len(words) > len(tokens):
        return False
    for n, word in enumerate(words):
        said = tokens[at + n].word
        if said != word and not (word == '"' and said == "'"):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Grammar:
    """All patterns: by their first word, and those that begin with a slot or a quotation mark.

    `heads` are the first words of what can be done, `words` all words of all patterns.
    """

    by_word: Mapping[str, tuple[Pattern, ...]]
    headless: tuple[Pattern, ...]
    words: frozenset[str]
    heads: tuple[str, ...]

    def patterns(self, word: str) -> tuple[Pattern, ...]:
        return (*self.by_word.get(word, ()), *self.headless)


@cache
def grammar() -> Grammar:
    """The grammar of every verb in the table. Compiled once: the table does not change."""
    by_word: dict[str, list[Pattern]] = {}
    headless: list[Pattern] = []
    known: set[str] = set()
    for verb in (*VERBS.values(), *DECLINED.values()):
        for pattern in _patterns(verb):
            for part in pattern.parts:
                if not isinstance(part, str):
                    known.update(word for words in part for word in words)
            head = pattern.parts[0]
            if isinstance(head, str):
                headless.append(pattern)
                continue
            for first in dict.fromkeys(words[0] for words in head):
                by_word.setdefault(first, []).append(pattern)
            if head[0][0] == '"':
                by_word.setdefault("'", []).append(pattern)
    heads = tuple(w for w, ps in by_word.items() if any(p.verb.name in VERBS for p in ps))
    patterns = {word: tuple(found) for word, found in by_word.items()}
    return Grammar(patterns, tuple(headless), frozenset(known), heads)


def _patterns(verb: Verb) -> Iterator[Pattern]:
    seen: set[tuple[str | Literal, ...]] = set()
    short: list[Pattern] = []
    for said in verb.words:
        head: Literal = (_words(said),)
        for rest in verb.grammar:
            parts = (head, *_compiled(rest))
            if parts not in seen:
                seen.add(parts)
                yield Pattern(verb, parts, said)
            if isinstance(parts[-1], str):
                short += [Pattern(verb, parts[:n], said, True) for n in range(1, len(parts))]
    for phrase in verb.phrases:
        grammar, _, spoken = phrase.partition(" => ")
        parts = tuple(_compiled(grammar))
        if parts not in seen:
            seen.add(parts)
            yield Pattern(verb, parts, verb.words[0], spoken=spoken)
    for pattern in short:
        if pattern.parts not in seen:
            seen.add(pattern.parts)
            yield pattern


def _words(text: str) -> tuple[str, ...]:
    return tuple(t.word for t in tokens_of(text) if t.is_word or t.word in '",:')


def _compiled(pattern: str) -> Iterator[str | Literal]:
    for match in _PART.finditer(pattern):
        if match.group(1):
            yield match.group(1)
        else:
            yield tuple(_words(choice) for choice in match.group().split("|"))
