"""Character cards: whom the player has met, how they were, what they did and what they said."""

from __future__ import annotations

from dataclasses import dataclass

from game.front.book import Book
from game.memory.episodes import SPOKEN, Episode
from game.memory.recall import pin_of
from game.memory.recounting import Teller, recount
from game.narrator.grammar import capitalise
from game.narrator.names import in_sentence

#: How many deeds, words and memories a card has, the latest.
MOST = 8


@dataclass(frozen=True, slots=True)
class Line:
    """Something on a card that happened at `turn`; `key` is what a pin names ("": none)."""

    text: str
    turn: int
    key: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody as the player knows them; the latest of `deeds`, `words` and `memories` last.

    `memories` are theirs, of what the player did with them and saw that they saw.
    """

    id: str
    name: str
    look: str
    standing: str
    seen: str
    here: bool
    deeds: tuple[Line, ...]
    words: tuple[Line, ...]
    memories: tuple[Line, ...]

    def as_text(self) -> str:
        parts = [self.name, self.look, self.standing, self.seen]
        for title, lines in self.sections():
            parts += [title, *(f"  {line.text} (turn {line.turn})" for line in lines)]
        return "\n".join(part for part in parts if part)

    def sections(self) -> list[tuple[str, tuple[Line, ...]]]:
        """The lists of the card that are not empty, with their titles."""
        titled = (
            ("What they said", self.words),
            ("What you saw them do", self.deeds),
            ("What they remember of you", self.memories),
        )
        return [(title, lines) for title, lines in titled if lines]


def cards_of(book: Book) -> list[Card]:
    """Everybody the player has met: those who are here first, then the last seen first."""
    cards = [_card(book, id) for id in book.met]
    cards.sort(key=lambda c: (not c.here, -book.met[c.id].turn, c.name))
    return cards


def find_cards(cards: list[Card], words: str) -> list[Card]:
    """The cards whose name has every one of the words."""
    wanted = words.lower().split()
    return [card for card in cards if all(w in card.name.lower() for w in wanted)]


def overview(cards: list[Card]) -> str:
    """A line for everybody."""
    if not cards:
        return "You have met nobody yet."
    return "\n".join(f"{c.name}: {c.standing} {c.seen}" for c in cards)


def _card(book: Book, id: str) -> Card:
    seen = book.met[id]
    teller = Teller(book.state, None, book.player)
    here = seen.turn == book.state.turn and seen.room == book.here
    mine = [e for e in book.episodes if id in (e.event.actor, e.event.target)]
    words = [e for e in mine if e.event.actor == id and e.event.type in SPOKEN]
    deeds = [e for e in mine if e.event.actor == id and e.event.type not in SPOKEN]
    memories = [
        e
        for e in mine
        if id in e.witnesses and e.concerns(book.player) and e.event.manner != "answer"
    ]
    place = in_sentence(book.world.name(seen.room))
    when = "here now" if here else f"last seen at {place}, turn {seen.turn}"
    return Card(
        id,
        capitalise(teller.name(id)),
        seen.look,
        _standing(book, id),
        f"{capitalise(when)}; first met on turn {seen.first}.",
        here,
        tuple(Line(recount(e, teller), e.turn) for e in deeds[-MOST:]),
        tuple(Line(recount(e, teller), e.turn) for e in words[-MOST:]),
        tuple(_memory(book, id, e) for e in memories[-MOST:]) if not seen.dead else (),
    )


def _memory(book: Book, id: str, episode: Episode) -> Line:
    key = pin_of(id, episode)
    own = Teller(book.state, id, book.player)
    return Line(recount(episode, own), episode.turn, key, key in book.pins)


def _standing(book: Book, id: str) -> str:
    """Mood and condition as last seen, and how they stand to the player."""
    seen = book.met[id]
    if seen.dead:
        return "Dead."
    parts = [capitalise(f"{seen.mood}, {seen.health}.")]
    if seen.following:
        parts.append("Follows you.")
    if book.state.following.get(book.player) == id:
        parts.append("You follow them.")
    done = [
        e.event.type for e in book.episodes if (e.event.actor, e.event.target) == (id, book.player)
    ]
    yours = [
        e.event.type for e in book.episodes if (e.event.actor, e.event.target) == (book.player, id)
    ]
    if _BLOWS.intersection(done):
        parts.append("Has raised a hand against you.")
    if _BLOWS.intersection(yours):
        parts.append("You have raised a hand against them.")
    if "gave" in yours:
        parts.append("You have given them something.")
    if "stole" in yours:
        parts.append("You have stolen from them.")
    return " ".join(parts)


_BLOWS = frozenset({"hit", "missed", "deflected"})
