"""Map, journal and cards: what the player knows, and nothing that they do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from game.authoring.load import load_world
from game.cast import Cast
from game.front.atlas import atlas_of
from game.front.book import Book, book_of
from game.front.journal import journal_of
from game.front.people import cards_of
from game.session import Session

VILLAGE = Path(__file__).parents[2] / "worlds" / "village"


@pytest.fixture
def session() -> Session:
    world = load_world(VILLAGE)
    session = Session(world, seed=7, cast=Cast(world))
    for line in ("take bread", "give bread to tam", "tell tam the wolf is dead", "east"):
        session.command(line)
    return session


def book(session: Session) -> Book:
    return book_of(session)


def test_the_map_has_the_rooms_that_were_visited_and_question_marks_for_the_ways_seen() -> None:
    session = Session(load_world(VILLAGE), seed=7)
    first = session.command("map").plain
    assert "Herring *" in first and first.count("┌") == 2 and "│ ?" in first
    session.command("east")
    text = session.command("map").plain
    assert "The Marketplace *" in text and "Sanctuary" not in text and "Armoury" not in text


def test_a_locked_door_is_on_the_map_once_it_was_tried(session: Session) -> None:
    for line in ("north", "north"):
        session.command(line)
    assert "─ down ─▶ ? (iron gate)" in session.command("map").plain
    session.command("open iron gate")
    assert "─ down ─▶ ? (iron gate, locked)" in session.command("map").plain
    assert "The iron gate was locked." in session.command("journal").plain


def test_the_map_knows_no_room_by_its_id(session: Session) -> None:
    known = atlas_of(book(session)).map
    seen = {room for room in known.spots if not room.startswith("?")}
    assert seen == {"tavern", "marketplace"}
    assert {known.world.rooms[room].name for room in known.spots} - {"?"} == {
        "The Drowned Herring",
        "The Marketplace",
    }


def test_the_journal_groups_what_is_known_and_finds_it(session: Session) -> None:
    facts = journal_of(book(session))
    groups = [fact.group for fact in facts]
    assert groups == sorted(groups, key=["Goals", "Places", "People", "Things", "Remembered"].index)
    found = journal_of(book(session), "TAM bread")
    assert found and all("bread" in fact.text for fact in found)
    assert "You gave Old Tam the heel of bread." in [fact.text for fact in found]
    assert session.command("journal unicorn").plain == "The journal says nothing of unicorn."


def test_a_line_is_pinned_by_the_number_it_was_shown_with(session: Session) -> None:
    session.command("journal gave me")
    told = session.command("pin 1").plain
    assert told == "[Pinned: Old Tam: You gave me the heel of bread.]"
    assert session.command("journal").plain.startswith("Pinned\n  1  Old Tam: You gave me")
    assert session.number == 4
    cue = session.command("west") and session.command("tell tam nice weather").speech[0]
    assert cue.in_mind[0] == "You gave me the heel of bread."
    session.command("journal gave me")
    assert session.command("unpin 1").plain.startswith("[No longer pinned")


@pytest.mark.parametrize("line", ["pin", "pin 999", "pin 0"])
def test_a_pin_without_a_line_is_explained(session: Session, line: str) -> None:
    assert session.command(line).plain.startswith("Which line? The journal has ")


def test_cards_tell_whom_one_has_met_and_how_they_were(session: Session) -> None:
    cards = {card.id: card for card in cards_of(book(session))}
    assert set(cards) == {"bregan", "tam", "hob", "perpetua"}
    assert cards["hob"].here and not cards["tam"].here
    assert cards["tam"].standing == "Content, unhurt. You have given them something."
    text = session.command("people tam").plain
    assert "Last seen at the Drowned Herring, turn 3" in text
    assert 'Old Tam told you, "The wolf in the forest was mine' in text
    assert "You gave me the heel of bread." in text
    assert "gamekeeper" not in text  # his persona is his own
    assert session.command("people nobody").plain == "You have met nobody called nobody."


def test_the_commands_are_there_in_json_too(
    session: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    from game.front.json_mode import play_json
    from game.front.stage import Options

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"map\njournal\npeople\n")))
    assert play_json(Options("village", "json", seed=7, llm=False, resume="never")) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "* you are here" in records[1]["plain"]
    assert "Places" in records[2]["plain"] and "Old Tam" in records[3]["plain"]
    assert {record["turn"] for record in records} == {0}
