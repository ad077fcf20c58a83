"""The prompt for an answer: who the person is, what they know and remember, what was said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from game.engine.model import Character, State
from game.llm.base import Prompt, Segment
from game.narrator.names import the

#: How many exchanges with a character the model is shown.
REMEMBERED = 1

_RULES = (
    "You play the people of a text adventure. Answer the stranger as the person would, in one or "
    "two short sentences. Say only what the person knows."
)

#: Who they are; what they know that bears on it; what is said to them => what they answer.
_EXAMPLES = (
    ("the miller, tired. I grind the flour here.",
     "The baker owes me for six sacks.",
     "Does the baker pay you well?",
     "Pay me? The baker owes me for six sacks."),
    ("Greta, cheerful. I sell eggs and gossip.",
     "My brother Karl is the ferryman. The bridge fell in last winter.",
     "How do I get across the river?",
     "Ask my brother Karl, he is the ferryman. The bridge fell in last winter."),
    ("the watchman, bored. I guard the bridge at night.",
     "Keep moving, and keep where I can see you.",
     "Hello there!",
     "Evening. Keep moving, and keep where I can see you."),
    ("the abbess, stern. I keep the house in order.",
     "Nobody may go up the tower. The bell is cracked.",
     "What is up there?",
     "Only the bell, and the bell is cracked. Nobody may go up the tower."),
    ("Old Piet, grumpy. I mend nets and mind my own business.",
     "I mend nets and mind my own business.",
     "Tell me about the king.",
     "The king? I mend nets and mind my own business."),
    ("the porter, weary. I carry what others buy.",
     "You gave me a red apple, at the market.",
     "Do you remember what I gave you?",
     "That I do. You gave me a red apple, at the market."),
    ("the cook, cheerful. I feed forty people twice a day.",
     "The good knives are locked in the cellar. The cat sleeps in the oven.",
     "Where are the knives?",
     "Locked in the cellar, the good ones. And mind the cat, it sleeps in the oven."),
    ("Anselm, sad. I was a sailor once.",
     "I was a sailor once.",
     "What do you do here?",
     "Not much. I was a sailor once."),
)  # fmt: skip

_USER = "<|im_start|>user\n"
_ASSISTANT = "<|im_end|>\n<|im_start|>assistant\n"
_END = "<|im_end|>\n"


def _prefix() -> tuple[Segment, ...]:
    parts = []
    for who, known, heard, answer in _EXAMPLES:
        parts.append(
            f"{_USER}Person: {who}\nThe stranger says: {heard}\nKnows: {known}"
            f"{_ASSISTANT}{answer}{_END}"
        )
    rules = Segment(f"<|im_start|>system\n{_RULES}<|im_end|>\n", True, "rules")
    return (rules, Segment("".join(parts), True, "examples"))


PREFIX = _prefix()


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said to a character, the author's words for an answer, and what it answered.

    `turn` is the world's turn when it had.
    """

    heard: str
    known: str
    answer: str
    turn: int = 0


def speech_prompt(
    state: State,
    character: Character,
    heard: str,
    known: str,
    exchanges: Sequence[Exchange] = (),
    remembers: Sequence[str] = (),
) -> Prompt:
    """The prompt for an answer to `heard` that draws on `known`, the author's own words for it.

    The last of the `exchanges` with the character comes before it; `remembers` are sentences of
    its own memory. Everything that comes from the world or the player is untrusted text.
    """
    body: list[Segment] = []
    for past in exchanges[-REMEMBERED:]:
        said = [*_asked(state, character, past.heard, past.known), Segment(past.answer)]
        body += [replace(s, part="recent") for s in said] + [Segment(_END, True)]
    body += _asked(state, character, heard, known, remembers)
    return Prompt(PREFIX, tuple(body))


def _asked(
    state: State, character: Character, heard: str, known: str, remembers: Sequence[str] = ()
) -> list[Segment]:
    how = _first_sentences(character.voice, 60)[:100]
    persona = f"{how} {_first_sentences(character.persona, 80)}".strip()
    body = [
        Segment(_USER, True),
        Segment("Person: ", True, "person"),
        Segment(
            f"{the(state, character.id)}, {state.mood_of(character.id)}. {persona}", part="person"
        ),
    ]
    if remembers:
        body += [Segment("\nRemembers: ", True), Segment(" ".join(remembers))]
    body += [
        Segment("\nThe stranger says: ", True, "heard"),
        Segment(" ".join(heard.split())[:200], part="heard"),
        Segment("\nKnows: ", True, "knowledge"),
        Segment(known[:240], part="knowledge"),
        Segment(_ASSISTANT, True),
    ]
    return body


def _first_sentences(text: str, most: int) -> str:
    """As many whole sentences of `text` as fit into `most` characters, at least one."""
    found = ""
    for sentence in re.split(r"(?<=[.!?])\s+", " ".join(text.split())):
        if found and len(found) + len(sentence) > most:
            break
        found = f"{found} {sentence}".strip()
    return found
