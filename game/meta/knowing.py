"""Commands that show what the player knows: the map, the journal and the people; and pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from game.session import Session


def show_map(session: Session, argument: str) -> str:
    from game.front.atlas import atlas_of
    from game.front.book import book_of

    return atlas_of(book_of(session)).as_text()


def show_journal(session: Session, argument: str) -> str:
    from game.front.book import book_of
    from game.front.journal import as_text, journal_of

    facts = journal_of(book_of(session), argument)
    if not facts:
        return f"The journal says nothing of {argument}." if argument else "The journal is empty."
    session.notebook.listed = [fact.key for fact in facts]
    return f"{as_text(facts)}\n\npin N keeps a line on top; of what is remembered, in mind."


def show_people(session: Session, argument: str) -> str:
    from game.front.book import book_of
    from game.front.people import cards_of, find_cards, overview

    cards = cards_of(book_of(session))
    if not argument:
        return overview(cards)
    found = find_cards(cards, argument)
    if not found:
        return f"You have met nobody called {argument}."
    return "\n\n".join(card.as_text() for card in found)


def pin(session: Session, argument: str) -> str:
    """Pin line N of the last list, or take its pin away."""
    from game.front.book import book_of
    from game.front.journal import journal_of

    facts = {fact.key: fact for fact in journal_of(book_of(session))}
    listed = session.notebook.listed or list(facts)
    if not argument.isdecimal() or not 1 <= int(argument) <= len(listed):
        return f"Which line? The journal has {len(listed)}: pin 1, for example."
    key = listed[int(argument) - 1]
    session.notebook.listed = listed
    if key not in facts:
        return "That is not so any more. Look at the journal again."
    pinned = session.notebook.toggle(key)
    trouble = session.keep()
    return "\n".join(
        [f"[{'Pinned' if pinned else 'No longer pinned'}: {facts[key].text}]", *trouble]
    )


def is_number(session: Session, argument: str) -> bool:
    return not argument or argument.isdecimal()
