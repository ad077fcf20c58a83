"""Memories in a speech prompt: as many as fit, and none of them turned round in the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from game.llm.base import LanguageModel, Segment
from game.narrator.replies import subject_words

_WORDS = re.compile(r"[a-z]+(?:'[a-z]+)?")
_CLAUSES = re.compile(r"[,;:.!?…—]|\band\b|\bbut\b", re.IGNORECASE)
#: What may stand before a memory without changing it.
_BEFORE = re.compile(
    r"^\s*(?:(?:aye|yes|oh|ah|well|then|so|now|indeed|of course|that (?:was|i do)|it was|and|"
    r"i (?:do )?(?:still )?(?:remember|recall)(?: (?:that|how|it))?)\b\s*)+",
    re.IGNORECASE,
)


def within(model: LanguageModel, sentences: Sequence[str], tokens: int) -> tuple[str, ...]:
    """The first of `sentences` that take no more than `tokens` tokens together."""
    kept: list[str] = []
    for sentence in sentences:
        if len(model.tokenize([Segment(" ".join([*kept, sentence]))])) > tokens:
            break
        kept.append(sentence)
    return tuple(kept)


def misremembered(text: str, memories: Sequence[str], words: frozenset[str]) -> str:
    """The clause of `text` that uses one of `words`, which only memories have, in another way.

    A small model gives what it was given: who did what to whom must stand in the memory's order,
    and what somebody only said must be told as said.
    """
    whole = " ".join(_plain_words(text))
    for clause in _CLAUSES.split(text):
        if not words & subject_words(clause):
            continue
        said = _plain_words(_BEFORE.sub("", clause))
        if not any(_told_so(said, whole, memory) for memory in memories):
            return clause.strip()
    return ""


def _told_so(said: Sequence[str], whole: str, memory: str) -> bool:
    introduction, quote, _ = memory.partition(" '")
    # "You said": who said it, and that it was only said.
    if quote and " ".join(_plain_words(introduction)[:2]) not in whole:
        return False
    order = iter(_plain_words(memory))
    return all(word in order for word in said)


def _plain_words(text: str) -> list[str]:
    return _WORDS.findall(text.lower().replace("’", "'"))
