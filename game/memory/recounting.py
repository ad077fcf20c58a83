"""Episodes in words, in the past tense, as one person tells them to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from game.engine.events import EVENT_TYPES, Event
from game.engine.model import DIRECTIONS, State
from game.memory.episodes import SPOKEN, Episode
from game.narrator.grammar import capitalise, full_stop, join, possessive
from game.narrator.names import in_sentence, phrase_for, spoken_words

# The first template whose fields the event has. "_o" is the object's form, "_s" the owner's.
_TEMPLATES: dict[str, tuple[str, ...]] = {
    "took": ("{actor} took {item} from {target_o}", "{actor} took {item}"),
    "put": ("{actor} put {item} {manner} {target_o}",),
    "dropped": ("{actor} dropped {item}",),
    "gave": ("{actor} gave {target_o} {item}",),
    "received": ("{actor} got {item}",),
    "stole": ("{actor} stole {item} from {target_o}",),
    "caught": ("{target} caught {actor_o} reaching for {item}",),
    "hit": ("{actor} hit {target_o} with {item}", "{actor} hit {target_o}"),
    "missed": ("{actor} swung at {target_o} and missed",),
    "deflected": ("{actor} struck at {target_o}, and the blow glanced off",),
    "killed": ("{actor} killed {target_o}",),
    "died": ("{actor} died",),
    "hugged": ("{actor} hugged {target_o}",),
    "ate": ("{actor} ate {item}",),
    "drank": ("{actor} drank {item}",),
    "opened": ("{actor} opened {item}",),
    "closed": ("{actor} closed {item}",),
    "unlocked": ("{actor} unlocked {item} with {target_o}", "{actor} unlocked {item}"),
    "locked": ("{actor} locked {item} with {target_o}", "{actor} locked {item}"),
    "lit": ("{actor} lit {item}",),
    "doused": ("{actor} put out {item}",),
    "searched": ("{actor} searched {item}", "{actor} searched the place"),
    "used": ("{actor} used {item} with {target_o}", "{actor} used {item}"),
    "revealed": ("{item} came to light",),
    "followed": ("{actor} began to follow {target_o}",),
    "blocked": ("{actor} stood in {target_s} way",),
    "held_back": ("{target} held {actor_o} back",),
    "went": ("{actor} left{way}",),
    "emoted": ("{actor} {gesture} {manner} {target_o}", "{actor} {gesture}"),
    "said": ("{actor} said, {text}",),
    "told": ("{actor} {spoke} {target_o}, {text}",),
    "whispered": ("{actor} whispered to {target_o}, {text}",),
    "shouted": ("{actor} shouted, {text}",),
}
_DOUBLED = frozenset({"grin", "nod", "shrug"})
#: Fields of which several episodes, otherwise alike, can be told together.
_LISTED = ("item",)


def past(verb: str) -> str:
    """ "wave" -> "waved", "cry" -> "cried", "nod" -> "nodded"."""
    if verb in _DOUBLED:
        return f"{verb}{verb[-1]}ed"
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}ed"


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells (None: nobody in particular) to whom, and where: both are "I" and "you"."""

    state: State
    speaker: str | None
    hearer: str
    room: str | None = None

    def name(self, id: str, form: str = "") -> str:
        """`id` as a subject, with form "_o" as an object, with "_s" as an owner."""
        if id == self.speaker:
            return {"": "I", "_o": "me", "_s": "my"}[form]
        if id == self.hearer:
            return "your" if form == "_s" else "you"
        found = phrase_for(self.state, id, None).definite
        return possessive(found) if form == "_s" else found

    def place(self, room: str) -> str:
        return f"at {in_sentence(self.state.world.name(room))}"


def recount(episode: Episode, teller: Teller) -> str:
    """One episode as a sentence ("You gave me the loaf, at the marketplace.")."""
    return recount_all([episode], teller)[0]


def recount_all(episodes: Iterable[Episode], teller: Teller) -> list[str]:
    """Sentences for `episodes`; neighbours that differ only in the thing are told in one."""
    return [_sentence(group, teller) for group in _grouped(episodes)]


def _grouped(episodes: Iterable[Episode]) -> list[list[Episode]]:
    groups: list[list[Episode]] = []
    for episode in episodes:
        if groups and _alike(groups[-1][-1], episode):
            groups[-1].append(episode)
        else:
            groups.append([episode])
    return groups


def _alike(one: Episode, other: Episode) -> bool:
    return (
        one.event.item is not None
        and one.event.item != other.event.item
        and one.witnesses == other.witnesses
        and one.event._replace(item=None, amount=None) == other.event._replace(
            item=None, amount=None)
    )  # fmt: skip


def _sentence(group: Sequence[Episode], teller: Teller) -> str:
    episode = group[0]
    event = episode.event
    said = _clause([e.event for e in group], teller)
    involved = teller.speaker in (event.actor, event.target)
    if event.type in SPOKEN:
        return capitalise(said)  # what was said brings its own mark
    elsewhere = teller.room not in (None, event.room)
    if elsewhere and event.room in teller.state.world.rooms:
        said += f", {teller.place(str(event.room))}"
    if teller.speaker is not None and not involved:
        sense = EVENT_TYPES[event.type].sense
        said += "; I heard it" if sense in ("sound", "far") else "; I saw it"
    return full_stop(capitalise(said))


def _clause(events: Sequence[Event], teller: Teller) -> str:
    event = events[0]
    fields: dict[str, str] = {}
    for name in ("actor", "target"):
        id = getattr(event, name)
        if id is not None:
            for form in ("", "_o", "_s"):
                fields[name + form] = teller.name(id, form)
    items = [teller.name(e.item) for e in events if e.item is not None]
    if items:
        fields["item"] = join(list(dict.fromkeys(items)))
    if event.manner:
        fields["manner"] = event.manner
    if event.text:
        # A quotation within what somebody says is in single marks.
        quote = "'" if teller.speaker is not None else '"'
        text = spoken_words(teller.state.world, event.text).replace('"', "'")
        fields["text"] = f"{quote}{text}{quote}"
        fields["gesture"] = past(event.text)
        fields["spoke"] = "asked" if event.text.rstrip().endswith("?") else "said to"
        if event.manner == "answer":
            fields["spoke"] = "told"
    fields["way"] = f" {_way(event.exit)}" if event.exit else ""
    for template in _TEMPLATES[event.type]:
        try:
            return " ".join(template.format_map(fields).split())
        except KeyError:
            continue
    return f"{fields.get('actor', 'somebody')} was there"


def _way(exit: str) -> str:
    return f"going {exit}" if exit in DIRECTIONS else f"by {exit}"
