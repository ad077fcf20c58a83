"""What a character answers without the model: the author's own words that fit best."""

from __future__ import annotations

import re
from collections.abc import Sequence

from game.engine.model import Character, State
from game.narrator.grammar import agree, capitalise
from game.narrator.names import the

_WORDS = re.compile(r"[a-z']+")
_HELLO = frozenset(
    "hello hi hey greetings hail morning evening afternoon day welcome howdy name who".split()
)
#: Words too common to show what a line is about.
_COMMON = frozenset(
    """a about an and any are around as at be been but by can could did do does for from get go
    good had has have he her here him his how i if in into is it its just know like let me my no
    not of off on one or our out say she should so some tell than that the their them then there
    these they thing this those to up us want was we were what when where which who why will with
    would yes you your please thanks thank sir lady""".split()
)


def subject_words(text: str) -> frozenset[str]:
    """The words that say what a line is about, in lower case, plurals cut to the singular."""
    words = (w.removesuffix("'s") for w in _WORDS.findall(text.lower()))
    return frozenset(_singular(w) for w in words if w not in _COMMON and len(w) > 2)


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def relevant(character: Character, heard: str, limit: int = 3) -> list[str]:
    """What the character knows that bears on what was said, the closest first."""
    about = subject_words(heard)
    scored = [(len(about & subject_words(line)), -n) for n, line in enumerate(character.knowledge)]
    best = sorted((pair for pair in scored if pair[0]), reverse=True)[:limit]
    return [character.knowledge[-n] for _, n in best]


def head_word(name: str) -> str:
    """The word of a name that says what it is, as `subject_words` has it ("key", "toll")."""
    words = _WORDS.findall(name.lower().split(" of ")[0])
    return _singular(words[-1].removesuffix("'s")) if words else ""


def has_words(character: Character) -> bool:
    """Whether the author gave the character anything to say: beasts have no words."""
    return bool(character.greeting or character.knowledge)


def is_greeting(heard: str) -> bool:
    return bool(_HELLO & frozenset(_WORDS.findall(heard.lower())))


def plain_reply(state: State, character: str, heard: str, said_before: Sequence[str]) -> str:
    """The character's answer to `heard`, told whole; authored words, never the same twice running.

    What it knows that fits best comes first, then its greeting to a greeting, then something else
    it knows and has not said yet; who has no words (beasts) or none left answers with a look.
    """
    person = state.world.characters[character]
    hello = is_greeting(heard)
    lines = relevant(person, heard)
    if person.greeting and (hello or not said_before):
        lines.insert(0 if hello or not lines else len(lines), person.greeting)
    lines += person.knowledge
    for line in lines:
        told = says(state, character, line)
        if told not in said_before:
            return told
    name = capitalise(the(state, character))
    if not lines:
        look, say = agree("look", person.plural), agree("say", person.plural)
        return f"{name} {look} at you and {say} nothing."
    return f"{name} {agree('have', person.plural)} no more to say about that."


def says(state: State, character: str, words: str) -> str:
    """ "The keeper says, "Mind the step."" """
    verb = agree("say", state.world.characters[character].plural)
    return f'{capitalise(the(state, character))} {verb}, "{words.strip()}"'
