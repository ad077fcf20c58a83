"""Who answers the player, and with which words: those of the author, or those of memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from game.engine.events import Action, Event
from game.engine.scope import Scope
from game.engine.verbs import VERBS
from game.memory.recall import recall
from game.narrator.replies import has_words, is_greeting, plain_reply, relevant, says, words_in

if TYPE_CHECKING:
    from game.memory.chronicle import Chronicle

NOTHING = "I remember nothing of that."
#: Words that ask for a memory, and say nothing of what it is about.
_RECALLING = re.compile(
    r"\b(?:remember|recall|seen?|saw|heard|last|time|happened|any(?:body|one|thing)|"
    r"some(?:body|one|thing)|you|did|have|has|gave|give|took|take|told|tell|said|say)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What `character` owes the player: `plain` is the whole line, `words` what is said in it.

    `recalled` are those of the words that come from its own memory of this game, by sentence.
    """

    character: str
    heard: str
    plain: str
    words: str
    recalled: tuple[str, ...] = ()


def answer_to(chronicle: Chronicle, action: Action, events: Sequence[Event]) -> Answer | None:
    """The answer to what the player said with `action`, unless a reaction has them speak already.

    The chronicle stands just after it.
    """
    state, world = chronicle.state, chronicle.world
    verb = VERBS.get(action.verb)
    if verb is None or not verb.speech or action.verb == "shout" or state.ended is not None:
        return None
    if events[0].type == "refused":
        return None
    heard, whom = action.text or "", action.noun
    if whom is None:
        here = Scope(state, world.player).here
        named = [p for p in here if world.name(p).lower() in heard.lower()]
        whom = next(iter(named or here), None)
    spoke = {e.actor for e in events[1:] if e.type in ("said", "told", "shouted")}
    if whom is None or whom in state.dead or whom in spoke:
        return None
    return _answer(chronicle, whom, heard)


def _answer(chronicle: Chronicle, whom: str, heard: str) -> Answer:
    state = chronicle.state
    person = state.world.characters[whom]
    if has_words(person):
        memory = recall(chronicle, whom, heard, chronicle.entries)
        known = relevant(person, _RECALLING.sub(" ", heard))
        told = memory.sentences if memory.fresh or not known else ()
        if not told and memory.past and memory.named and not known:
            told = (NOTHING,)
        if told and memory.named and (memory.past or not (known or is_greeting(heard))):
            words = " ".join(told)
            return Answer(whom, heard, says(state, whom, words), words, told)
    plain = plain_reply(state, whom, heard, chronicle.said(whom))
    return Answer(whom, heard, plain, words_in(plain))
