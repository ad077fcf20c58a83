"""Remembering: which of the things somebody perceived bear on what was just said to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from game.memory.episodes import SPOKEN, WEIGHTS, Episode
from game.memory.recounting import Teller, recount_all
from game.memory.whereabouts import whereabouts
from game.narrator.replies import bare_question, head_word, is_question, subject_words

if TYPE_CHECKING:
    from game.memory.chronicle import Chronicle

#: Words that ask for a kind of event.
_VERBS: dict[str, frozenset[str]] = {
    word: frozenset(types.split())
    for words, types in (
        ("give gave given gift present bring brought", "gave received"),
        ("steal stole stolen thief theft rob robbed", "stole caught"),
        ("hit struck strike attack attacked fight fought hurt", "hit missed deflected killed"),
        ("kill killed murder murdered slew dead die died", "killed died"),
        ("take took taken taking grab grabbed", "took stole received"),
        ("put drop dropped leave left", "put dropped went"),
        ("eat ate eaten", "ate"),
        ("drink drank drunk", "drank"),
        ("open opened unlock unlocked", "opened unlocked"),
        ("lock locked close closed shut", "locked closed"),
        ("say said tell told ask asked mention mentioned", "told said whispered shouted"),
        ("whisper whispered", "whispered"),
        ("shout shouted yell yelled", "shouted"),
        ("hug hugged embrace embraced", "hugged"),
        ("go gone went", "went"),
        ("search searched", "searched"),
        ("light lit", "lit"),
        ("use used", "used"),
        ("follow followed", "followed"),
    )
    for word in words.split()
}
_SAYING = frozenset("said told ask asked say tell mention mentioned whispered shouted".split())
_WORD = re.compile(r"[a-z']+")
#: What asks for memories rather than for what one simply knows.
_PAST = re.compile(
    r"\b(?:remember|recall|forg[eo]t(?:ten)?|did \w+|"
    r"have (?:i|you|they|we) \w+|has (?:he|she|it|any\w+|some\w+)|what (?:happened|has happened)|"
    r"who (?:took|has taken|stole|gave|killed|hit|struck|opened|unlocked|locked|ate|drank|said|"
    r"told|left|dropped|put|came|went|was|did)|last (?:time|saw|seen)|"
    r"(?:i|we) (?:told|gave|said|brought|showed|did|took)|you (?:saw|see|seen|heard|told))\b",
    re.IGNORECASE,
)
_WHERE = re.compile(r"\b(?:where(?:'s|s|abouts)?|seen|find|who has|who's got)\b", re.IGNORECASE)
_EVERYTHING = re.compile(
    r"\b(?:remember(?: of)? me|what do you remember|do you remember(?: anything)?$|"
    r"what (?:happened|has happened|did i do|have i done|did you see|have you seen))\b",
    re.IGNORECASE,
)
#: How many episodes are told in one answer, and how much worse than the best they may fit.
TOLD, CLOSE = 3, 0.6


@dataclass(frozen=True, slots=True)
class Recollection:
    """What came to mind: `sentences` to say, and whether the words asked for the past at all.

    `named`: they named somebody or something of the world, or a kind of deed. `fresh`: it was
    perceived in this game, and is not only how things stood when it began.
    """

    sentences: tuple[str, ...]
    past: bool
    named: bool
    fresh: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """An episode and how well it fits, by name or kind of deed (`fit`) and altogether."""

    episode: Episode
    fit: float
    score: float


def mentions(chronicle: Chronicle, heard: str) -> dict[str, float]:
    """Ids that `heard` names, by how surely: 3 by a full name, 2 by its head, 1 by another word."""
    lowered = " ".join(_WORD.findall(heard.lower()))
    about = subject_words(heard)
    found: dict[str, float] = {}
    for id, entity in chronicle.world.entities.items():
        if id == chronicle.world.player:
            continue
        best = 0.0
        for name in (entity.name, *entity.names):
            whole, head, words = _forms(name)
            if whole and whole.search(lowered):
                best = 3.0
                break
            if head in about:
                best = max(best, 2.0)
            elif words & about:
                best = max(best, 1.0)
        if best:
            found[id] = best
    # A part of a name means nothing where a whole name was said.
    most = max(found.values(), default=0.0)
    return {id: sure for id, sure in found.items() if sure >= min(most, 2.0)}


@lru_cache(maxsize=8192)
def _forms(name: str) -> tuple[re.Pattern[str] | None, str, frozenset[str]]:
    """A name as it is looked for: all of it (None: it has no letters), its head, its words."""
    bare = " ".join(_WORD.findall(name.lower()))
    whole = re.compile(rf"\b{re.escape(bare)}s?\b") if bare else None
    return whole, head_word(name), subject_words(name)


def ranked(chronicle: Chronicle, who: str, heard: str, before: int | None = None) -> list[Scored]:
    """What `who` remembers that bears on `heard`, the best first.

    `before` leaves out that entry of the journal: the very words that are to be answered.
    """
    heard = bare_question(heard)
    named = {id: s for id, s in mentions(chronicle, heard).items() if id != who}
    words = _WORD.findall(heard.lower())
    wanted = frozenset[str]().union(*(_VERBS.get(w, frozenset()) for w in words))
    about = subject_words(heard) - _SAYING
    everything = bool(_EVERYTHING.search(heard))
    turn, player = chronicle.state.turn, chronicle.world.player
    found = []
    for episode in chronicle.remembered(who, before):
        event = episode.event
        if event.type == "told" and event.manner == "answer":
            continue  # its own words; it says them again because it knows them still
        fit = max((s for id, s in named.items() if episode.concerns(id)), default=0.0)
        if event.type in SPOKEN:
            if event.actor == who or is_question(str(event.text)):
                continue
            fit += 1.5 * len(about & subject_words(str(event.text)))
        if event.type in wanted and (fit or not named):
            fit += 2.0
        if everything and episode.concerns(player):
            fit += 1.0
        if not fit:
            continue
        score = fit + WEIGHTS[event.type] + 0.5 * 0.98 ** (turn - episode.turn)
        if "i" in words and event.actor == player:
            score += 1.0
        if "me" in words and player in (event.target, event.actor):
            score += 0.5
        if "you" in words and who in (event.actor, event.target):
            score += 0.5
        found.append(Scored(episode, fit, score))
    found.sort(key=lambda s: (-s.score, -s.episode.entry))
    return found


def recall(chronicle: Chronicle, who: str, heard: str, before: int | None = None) -> Recollection:
    """What `who` would tell the player of its own memory when it hears `heard`."""
    world, state = chronicle.world, chronicle.state
    heard = bare_question(heard)
    teller = Teller(state, who, world.player, state.parent[who])
    named = [id for id in mentions(chronicle, heard) if id != who]
    past, where = bool(_PAST.search(heard)), bool(_WHERE.search(heard))
    deed = any(w in _VERBS for w in _WORD.findall(heard.lower()))
    sentences: list[str] = []
    fresh = False
    if where:
        things = [id for id in named if id not in world.rooms][:2]
        places = [whereabouts(chronicle, who, id, teller) for id in things]
        sentences = [place.words for place in places]
        fresh = any(place.fresh for place in places)
    best = ranked(chronicle, who, heard, before)
    if best and best[0].fit >= 1.0 and not sentences:
        close = [s for s in best if s.score >= best[0].score - CLOSE and s.fit >= 1.0][:TOLD]
        close.sort(key=lambda s: s.episode.entry)
        sentences = recount_all([s.episode for s in close], teller)
        fresh = True
    about = bool(deed or _EVERYTHING.search(heard) or [id for id in named if id not in world.rooms])
    return Recollection(tuple(dict.fromkeys(sentences)), past or where, about, fresh)


def brought_to_mind(
    chronicle: Chronicle, who: str, heard: str, pins: Sequence[str], before: int | None = None
) -> tuple[str, ...]:
    """Memories for the speech prompt, in order of need: the pinned ones, those that bear on
    `heard`, then the weightiest of all."""
    state = chronicle.state
    teller = Teller(state, who, chronicle.world.player, state.parent[who])
    everything = chronicle.remembered(who, before)
    pinned = [e for e in everything if pin_of(who, e) in pins]
    relevant = [s.episode for s in ranked(chronicle, who, heard, before)[:TOLD]]
    player = chronicle.world.player
    weighty = sorted(
        (e for e in everything if e.concerns(player) and not _is_talk(e)),
        key=lambda e: (-WEIGHTS[e.event.type], -e.entry),
    )[:TOLD]
    chosen = [*pinned, *relevant, *(e for e in weighty if WEIGHTS[e.event.type] >= 0.7)]
    sentences: list[str] = []
    for group in (pinned, [e for e in chosen if e not in pinned]):
        sentences += recount_all(dict.fromkeys(group), teller)
    return tuple(dict.fromkeys(sentences))


def _is_talk(episode: Episode) -> bool:
    """Whether it is only a question, or an answer to one: neither tells anything new."""
    return episode.event.manner == "answer" or is_question(episode.event.text or "")


def pin_of(who: str, episode: Episode) -> str:
    """The pin that keeps the episode in the mind of `who`."""
    return f"memory/{who}/{episode.key}"
