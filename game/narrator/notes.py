"""What a world's author lets the narrator know of a scene: lore, backgrounds and notes on tone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from game.engine.conditions import lore_about
from game.engine.events import Event
from game.engine.model import Character, State
from game.engine.scope import Scope
from game.llm.base import LanguageModel, Prompt, Segment

#: What the notes of a telling may take of the prompt, in tokens: they are read anew every turn.
MOST_TOKENS = 48
#: A model with fewer weights does not read notes, it recites them ("Dry and warm, you yawn").
FEWEST_PARAMETERS = 1_000_000_000
_SENTENCES = re.compile(r"(?<=[.!?])\s+")


def notes_for(
    state: State,
    reader: str,
    events: Sequence[Event],
    tokens: Callable[[str], int],
    most: int = MOST_TOKENS,
) -> str:
    """The notes on `events` as `reader` perceives them, in at most `most` of what `tokens` counts.

    What the events are about comes first, then the room and its tone, then whatever else is in
    sight. Only whole sentences are taken; "" when the world has nothing to say.
    """
    chosen = ""
    for note in dict.fromkeys(_notes(state, reader, events)):
        for sentence in _SENTENCES.split(" ".join(note.split())):
            longer = f"{chosen} {sentence}".strip()
            if tokens(longer) > most:
                break
            chosen = longer
    return chosen


def reads_notes(model: LanguageModel) -> bool:
    """Whether `model` is large enough to be told in what spirit to tell."""
    return model.parameters is None or model.parameters >= FEWEST_PARAMETERS


def _notes(state: State, reader: str, events: Sequence[Event]) -> Iterator[str]:
    world = state.world
    touched = dict.fromkeys(
        id
        for event in events
        for id in (event.item, event.target, event.actor)
        if id in world.entities and id != reader
    )
    yield from _about(state, touched)
    for id in touched:
        entity = world.entities[id]
        if isinstance(entity, Character):
            yield entity.voice
    scope = Scope(state, reader)
    if not scope.lit:
        yield world.voice
        return
    yield from _about(state, [scope.room])
    yield world.rooms[scope.room].voice or world.voice
    yield from lore_about(state, [reader, *(id for id in scope.visible() if id not in touched)])


def _about(state: State, ids: Iterable[str]) -> Iterator[str]:
    for id in ids:
        yield from lore_about(state, [id])
        yield state.world.entities[id].background


def with_notes(prompt: Prompt, notes: str) -> Prompt:
    """`prompt` with the notes in front of its facts: untrusted, like all that a world file says."""
    if not notes:
        return prompt
    at = next(n for n, segment in enumerate(prompt.body) if not segment.trusted)
    body = (*prompt.body[:at], Segment(f"({notes})\n", part="notes"), *prompt.body[at:])
    return Prompt(prompt.prefix, body, prompt.soft)
