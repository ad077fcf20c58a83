"""What holds of every shipped adventure: all is described, ways lead back, people answer."""

from __future__ import annotations

import re

import pytest

from game.engine.events import Action
from game.engine.model import DIRECTIONS, OPPOSITE, World
from game.engine.parser import Command, Misunderstanding, ParserMemory, parse
from game.engine.rules import apply
from game.narrator.lexicon import NOUNS, PLACES, singular
from game.narrator.replies import plain_reply
from tests.worlds.walking import Walk, shipped

WORLDS = ("interval", "tutorial")


@pytest.fixture(scope="module", params=WORLDS)
def world(request: pytest.FixtureRequest) -> World:
    return shipped(request.param)


def is_exit(world: World, room: str) -> bool:
    return "exit" in world.rooms[room].tags


def test_everything_is_described_once(world: World) -> None:
    texts = [e.description for e in world.entities.values()]
    for entity in world.entities.values():
        assert len(entity.description) >= 30, entity.id
        assert entity.description.strip()[-1] in ".?!\"'", entity.id
    assert len(set(texts)) == len(texts)
    fixed = [i for i in world.items.values() if i.fixed and i.between is None]
    assert all(i.fixed_reason for i in fixed)


def test_room_descriptions_are_two_to_five_sentences(world: World) -> None:
    for room in world.rooms.values():
        if not is_exit(world, room.id):
            sentences = re.split(r"(?<=[.!?])\s+", room.description.strip())
            assert 2 <= len(sentences) <= 5, room.id
            assert len(room.description) < 420, room.id


def test_ways_lead_back(world: World) -> None:
    for exit in world.exits.values():
        if is_exit(world, exit.to):
            continue
        back = [e for e in world.rooms[exit.to].exits if e.to == exit.room]
        assert back and all(e.door == exit.door for e in back), exit.id
        if exit.direction in DIRECTIONS:
            assert OPPOSITE[exit.direction] in [e.direction for e in back], exit.id


def test_a_description_names_the_ways_out(world: World) -> None:
    for room in world.rooms.values():
        told = room.description.lower()
        for exit in room.exits:
            words = {exit.name, *exit.label.lower().split(), "back", "ladder", "stair", "steps"}
            named = exit.name in told or any(w in told for w in words if len(w) > 3)
            assert named, exit.id


#: Nouns of the descriptions that are talk, not things; all others can be looked at.
TALK = frozenset(
    "seat stage instruments instrument dresser everybody somebody line crinolines gods".split()
)


def test_what_a_description_mentions_can_be_looked_at(world: World) -> None:
    for room in world.rooms.values():
        if is_exit(world, room.id):
            continue
        state = world.initial_state(1)
        state.move("player", room.id)
        for item in world.items.values():
            if item.light:
                state.lit.add(item.id)
                if not item.fixed:
                    state.move(item.id, "player")
        state.scopes.clear()
        for word in dict.fromkeys(re.findall(r"[a-z]+", room.description.lower())):
            if singular(word) not in NOUNS or singular(word) in PLACES.split() or word in TALK:
                continue
            parsed = parse(state, "player", f"examine {word}", memory=ParserMemory())
            if isinstance(parsed, Misunderstanding):
                way = parse(state, "player", f"go {word}", memory=ParserMemory())
                assert isinstance(way, Command), f"{room.id}: {word}: {parsed.text}"


def test_everybody_answers_and_has_something_to_say(world: World) -> None:
    for who in world.characters.values():
        if who.id == "player" or "animal" in who.tags:
            continue
        state = world.initial_state(1)
        assert who.persona and who.mood and who.goals and who.role in world.roles, who.id
        assert 4 <= len(who.knowledge) <= 7 and who.greeting, who.id
        assert who.greeting in plain_reply(state, who.id, "Hello.", ()), who.id
        said: list[str] = []
        for _ in who.knowledge:
            said.append(plain_reply(state, who.id, "What do you know?", said))
        assert len(set(said)) == len(said), f"{who.id} repeats themselves"


def test_no_two_people_say_the_same(world: World) -> None:
    lines = [
        line for who in world.characters.values() for line in (*who.knowledge, who.greeting) if line
    ]
    assert len(set(lines)) == len(lines)


#: Whom to ask about what, and a word of the right answer: every quest has several who know.
ASKED = {
    "ring_up": {
        "tib": ("act three", "called"),
        "percy": ("the crown", "applauded"),
        "thorne": ("the crown", "caught it"),
        "coldwell": ("the lime", "cabinet"),
        "tulk": ("the iron", "No wages"),
        "boothby": ("the crown", "I caught this crown"),
        "dredge": ("the wig", "second-best"),
        "nell": ("the crown", "Colonel"),
    },
    "wages": {
        "tib": ("the chest", "heavier"),
        "lisle": ("wages, the salary", "salary"),
        "dredge": ("wages", "bring the bag"),
        "bassett": ("the sledge", "treasure chest"),
        "tulk": ("wages", "count out mine"),
        "nell": ("the safe", "till"),
        "gault": ("wages", "frozen"),
        "crake": ("the wages", "ledger"),
    },
    "the_card": {
        "thorne": ("the certificate", "Miss Crake's bag"),
        "lisle": ("the certificate", "I had signed it"),
        "crake": ("the certificate", "Hull"),
        "percy": ("miss crake", "honest voice"),
        "bassett": ("miss crake", "asked again"),
        "boothby": ("the critic", "glasses"),
        "nell": ("miss crake", "stool"),
    },
    "unfinished": {
        "ghost": ("the line", "prompt book"),
        "thorne": ("the trunk", "not precisely my trunk"),
        "lisle": ("the trunk", "lid down"),
        "tib": ("the gentleman under the stage", "last line"),
        "dredge": ("the trunk", "shut the lid"),
        "zoll": ("under the stage", "hums"),
    },
}


@pytest.mark.parametrize("quest", ASKED)
def test_who_is_in_a_quest_can_be_asked_about_it(quest: str) -> None:
    interval = shipped("interval")
    assert quest in interval.quests
    for who, (about, answer) in ASKED[quest].items():
        state = interval.initial_state(1)
        assert answer in plain_reply(state, who, about, ()), (quest, who)


def test_a_wish_that_talk_cannot_grant_is_declined() -> None:
    state = shipped("interval").initial_state(1)
    said: list[str] = []
    for words in ("May I have the red key?", "May I have the red key?"):
        said.append(plain_reply(state, "coldwell", words, said))
    assert "cabinet key is on my belt" in said[0] and "That stays with me." in said[1]
    assert "nothing like that" in plain_reply(state, "coldwell", "May I have a bun?", ())
    stays = [plain_reply(state, "lisle", "Follow me.", said[:n]) for n in (0, 1)]
    assert "where I am" in stays[0] and stays[0] != stays[1]


@pytest.mark.parametrize(
    ("item", "who", "key", "later"),
    [("bun", "tib", "call_key", "for nothing"), ("cocoa", "bassett", "room_key", "my pockets")],
)
def test_a_kindness_is_not_answered_as_a_later_one(
    item: str, who: str, key: str, later: str
) -> None:
    walk = Walk(shipped("interval"))
    state = walk.state
    state.move(item, "player")
    state.manner.pop(item, None)
    state.move("player", state.parent[who])
    state.scopes.clear()
    told = walk.do(f"give {item} to {who}")
    assert walk.state.parent[key] == "player" and later not in told


def test_the_door_of_room_one_answers_back() -> None:
    walk = Walk(shipped("interval"))
    first, second = walk.do("n", "knock on east door"), walk.do("knock")
    assert "If it is the prompter" in first and "Nobody has been in for nine years" in second
    assert "I can hear you perfectly well" in walk.do("shout thorne, come out")
    assert walk.session.command("thorne, hello").plain == "Mr Thorne is not here."


def test_nothing_given_to_the_wrong_person_is_lost() -> None:
    """Anything a player can carry, given to anybody, stays within the player's reach."""
    interval = shipped("interval")
    for item in interval.items.values():
        if item.fixed or item.between:
            continue
        for who in interval.characters:
            state = interval.initial_state(1)
            state.move(item.id, "player")
            state.manner.pop(item.id, None)
            state.hidden.discard(item.id)
            state.move("player", state.parent[who])
            state.lit.add("lantern")
            if interval.rooms[state.parent[who]].dark:
                state.move("lantern", "player")
            state.scopes.clear()
            events = apply(state, "player", Action("give", item.id, who))
            if events[0].type == "refused" or state.parent[item.id] == "player":
                continue
            spoke = [e for e in events[1:] if e.type in ("said", "narrated")]
            assert spoke, f"{who} says nothing to {item.id}"
