"""English for the plain teller: verb agreement, pronouns, possessives, lists and sentence case."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Subject, object, possessive and reflexive forms, by subject form.
PRONOUNS: dict[str, tuple[str, str, str, str]] = {
    "you": ("you", "you", "your", "yourself"),
    "he": ("he", "him", "his", "himself"),
    "she": ("she", "her", "her", "herself"),
    "it": ("it", "it", "its", "itself"),
    "they": ("they", "them", "their", "themselves"),
}

_IRREGULAR = {"be": "is", "are": "is", "have": "has", "do": "does", "go": "goes"}
_NEGATED = {"aren't": "isn't", "haven't": "hasn't", "don't": "doesn't"}
_MODALS = "can could may might must shall should will would can't couldn't mustn't won't"
_UNCHANGED = frozenset(_MODALS.split())


def third_person(verb: str) -> str:
    """The third person singular of a verb in its plural form: "take" -> "takes", "are" -> "is".

    Only the first word changes, so that "pick up" gives "picks up".
    """
    word, space, rest = verb.partition(" ")
    if word in _IRREGULAR:
        word = _IRREGULAR[word]
    elif word in _NEGATED:
        word = _NEGATED[word]
    elif word in _UNCHANGED:
        pass
    elif word.endswith(("s", "x", "z", "ch", "sh", "o")):
        word += "es"
    elif word.endswith("y") and word[-2:-1] not in "aeiou":
        word = word[:-1] + "ies"
    else:
        word += "s"
    return word + space + rest


def agree(verb: str, plural: bool) -> str:
    """`verb` ("take", "are", "have") as it stands after a plural subject (or "you"), or not."""
    if not plural:
        return third_person(verb)
    return "are" if verb == "be" else verb


def possessive(phrase: str) -> str:
    """ "the keeper" -> "the keeper's", "the boots" -> "the boots'"."""
    return phrase + ("'" if phrase.endswith("s") else "'s")


def join(phrases: Sequence[str], word: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(phrases) < 2:
        return "".join(phrases)
    return f"{', '.join(phrases[:-1])} {word} {phrases[-1]}"


def indefinite(name: str) -> str:
    """`name` with "a" or "an" by its first letter."""
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def capitalise(text: str) -> str:
    """`text` with its first letter in upper case, whatever quotes or brackets stand before it."""
    for at, char in enumerate(text):
        if char.isalpha():
            return text[:at] + char.upper() + text[at + 1 :]
        if char.isdigit():
            break
    return text


def full_stop(text: str) -> str:
    """`text` ended as a sentence."""
    text = text.rstrip()
    return text if not text or text[-1] in '.!?…"”)]' else text + "."


_ASKS = re.compile(
    r"(?:what|who|whom|whose|which|where|when|why|how|(?:are|is|does|did|can|could|will|would|"
    r"have|has|may) (?:i|you|he|she|it|we|they|there)|do (?:i|you|we|they))\b",
    re.IGNORECASE,
)


def as_spoken(text: str) -> str:
    """Words as they are quoted: `text` with a capital, "I" for "i", and a mark at its end."""
    text = re.sub(r"\bi\b(?!\.\w)", "I", capitalise(" ".join(text.split())))
    text = text.rstrip(",;:- ")
    if _ASKS.match(text) and text[-1:].isalnum():
        return f"{text}?"
    return f"{text}." if text[-1:].isalnum() else text


_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve"
_SMALL = _NUMBERS.split()


def count_word(number: int) -> str:
    """A small number as a word, a large one in digits."""
    return _SMALL[number] if 0 <= number < len(_SMALL) else str(number)


_END = re.compile(r'[.!?…]["”)\]]*\s*$')


def starts_sentence(before: str) -> bool:
    """Whether a word that follows `before` begins a sentence."""
    return not before.strip(' "“([') or _END.search(before) is not None
