"""Golden tellings: what each reader is told, word for word."""

from __future__ import annotations

import pytest

from game.engine.events import Action, Event
from game.engine.model import State
from game.engine.rules import apply
from game.engine.scope import Scope
from game.narrator.plain import (
    describe_character,
    describe_item,
    describe_room,
    goals,
    help_text,
    inventory,
    status,
    tell,
    tell_event,
    tell_sentences,
)
from tests.narrator.stage import stage


@pytest.fixture
def state() -> State:
    return stage().initial_state(seed=1)


def do(state: State, verb: str, *args: str | None, actor: str = "player") -> list[Event]:
    noun, second, text = (*args, None, None, None)[:3]
    return apply(state, actor, Action(verb, noun, second, text))


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Event("took", "player", "coin", room="tavern"), "You take the copper coin."),
        (Event("took", "keeper", "bread", "table"), "The keeper takes the bread from the table."),
        (Event("gave", "player", "ring", "keeper"), "You give the silver ring to the keeper."),
        (Event("gave", "keeper", "ring", "player"), "The keeper gives the silver ring to you."),
        (Event("stole", "player", "club", "keeper"), "You steal the club from the keeper."),
        (Event("stole", "nadia", "key", "player"), "Nadia steals the brass key from you!"),
        (
            Event("caught", "player", "club", "keeper"),
            "The keeper catches you reaching for the club!",
        ),
        (Event("opened", "keeper", "trapdoor"), "The keeper opens the trapdoor."),
        (
            Event("unlocked", "player", "chest", "key"),
            "You unlock the oak chest with the brass key.",
        ),
        (Event("wore", "guards", "boots"), "The guards put on the leather boots."),
        (Event("wielded", "player", "sword"), "You take Dawnbringer in hand."),
        (Event("ate", "rat", "bread"), "The rat eats the bread."),
        (Event("hit", "player", "knife", "rat", amount=1), "You hit the rat with the knife."),
        (Event("hit", "guards", None, "player", amount=1), "The guards hit you."),
        (Event("missed", "rat", None, "player"), "The rat swings at you and misses."),
        (
            Event("missed", "player", "knife", "rat"),
            "You swing at the rat with the knife and miss.",
        ),
        (
            Event("deflected", "nadia", None, "guards"),
            "Nadia hits the guards, and the blow glances off.",
        ),
        (Event("hugged", "player", None, "nadia"), "You hug Nadia."),
        (Event("emoted", "keeper", text="laugh"), "The keeper laughs."),
        (
            Event("emoted", "guards", None, "player", text="stare", manner="at"),
            "The guards stare at you.",
        ),
        (
            Event("emoted", "player", None, "keeper", text="cry", manner="in front of"),
            "You cry in front of the keeper.",
        ),
        (Event("blocked", "keeper", None, "player"), "The keeper steps into your way."),
        (Event("blocked", "player", None, "guards"), "You step into the guards' way."),
        (Event("held_back", "player", None, "keeper"), "The keeper holds you back."),
        (Event("followed", "rat", None, "player"), "The rat starts following you."),
        (Event("went", "keeper", exit="north", room="tavern"), "The keeper leaves north."),
        (Event("went", "player", exit="a crumbling arch"), "You go by a crumbling arch."),
        (Event("went", "nadia", exit="through the gate"), "Nadia leaves through the gate."),
        (Event("arrived", "rat", exit="from below"), "The rat arrives from below."),
        (Event("appeared", item="ring"), "A silver ring appears."),
        (Event("vanished", item="boots"), "The leather boots are gone."),
        (Event("revealed", "player", "street.arch"), "A crumbling arch comes to light."),
        (Event("revealed", "player", "ring"), "A silver ring comes to light."),
        (Event("received", "player", "gem"), "You get the Star of Sarnath."),
        (Event("came_open", item="chest"), "The oak chest opens."),
        (Event("came_unlocked", item="trapdoor"), "The trapdoor unlocks with a click."),
        (Event("felt", "player", text="worse", amount=-2), "You feel worse."),
        (Event("changed_mood", "keeper", text="angry"), "The keeper looks angry now."),
        (Event("scored", "player", amount=5, text="+5"), "[Score: +5]"),
        (Event("reached_goal", "player", text="Find the ring"), "[Goal reached: Find the ring]"),
        (Event("narrated", text="The fire spits.", room="tavern"), "The fire spits."),
        (
            Event("said", "keeper", room="tavern", text="Mind {the} <step> (ha)."),
            'The keeper says, "Mind {the} <step> (ha)."',
        ),
        (Event("told", "player", None, "keeper", text="hello"), 'You say to the keeper, "Hello."'),
        (Event("shouted", "nadia", room="street", text="Fish!"), 'Someone shouts, "Fish!"'),
        (Event("killed", "player", None, "rat"), "You kill the rat."),
        (Event("died", "player"), "You die."),
        (Event("used", "player", "key", "chest"), "You use the brass key with the oak chest."),
        (Event("pointed", "nadia", "player"), "Nadia points at you."),
        (Event("searched", "player", room="tavern"), "You search."),
        (
            Event("found_nothing", "player", "table", room="tavern"),
            "You find nothing in the table.",
        ),
        (Event("changed_role", "player"), ""),
        (Event("turn_passed", "player", amount=3), ""),
    ],
)  # fmt: skip
def test_one_event_for_the_player(state: State, event: Event, told: str) -> None:
    assert tell_event(state, event, "player") == told


def test_names_in_what_was_typed_get_their_capitals(state: State) -> None:
    event = Event("told", "player", None, "keeper", text="where is nadia's cat, nadiat")
    told = tell_event(state, event, "player")
    assert told == 'You say to the keeper, "Where is Nadia\'s cat, nadiat?"'


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (("take", "chest"), "The oak chest stays where it is."),
        (("open", "chest"), "The oak chest is locked. The right key would open it."),
        (("go", "tavern.down"), "The trapdoor is closed. Open it first."),
        (("take",), "Take what?"),
        (("eat", "coin"), "The copper coin is not something to eat."),
        (("wear", "ring"), "You cannot see any such thing here."),
        (("wear", "boots"), "You have the leather boots on already."),
        (("take", "keeper"), "The keeper would object."),
        (("drop", "boots"), "You would have to remove the leather boots first."),
    ],
)
def test_refusals_say_why(state: State, action: tuple[str, ...], told: str) -> None:
    assert tell(state, do(state, *action), "player") == told


def test_the_same_event_reads_differently_to_each(state: State) -> None:
    events = do(state, "hit", "keeper")
    assert tell(state, events, "player").startswith(("You hit the keeper", "You swing at the keep"))
    keeper = tell(state, events, "keeper")
    assert keeper.startswith(("The adventurer hits you", "The adventurer swings at you"))


def test_like_events_are_told_together(state: State) -> None:
    events = [
        *do(state, "take", "coin"),
        *do(state, "take", "knife"),
        *do(state, "take", "lantern"),
    ]
    assert tell(state, events, "player") == "You take the copper coin, the knife and the lantern."
    growls = [
        Event("emoted", who, None, "player", "tavern", text="growl", manner="at")
        for who in ("rat", "guards")
    ]
    assert tell(state, growls, "player") == "The rat and the guards growl at you."
    said = [Event("said", "keeper", room="tavern", text="Hm."), Event("said", "rat", text="Hm.")]
    assert len(tell_sentences(state, said, "player")) == 2


def test_a_character_named_in_one_sentence_is_a_pronoun_in_the_next(state: State) -> None:
    events = [
        Event("took", "keeper", "coin", room="tavern"),
        Event("went", "keeper", room="tavern", exit="north"),
    ]
    assert tell(state, events, "player") == "The keeper takes the copper coin. She leaves north."
    between = [events[0], Event("hugged", "nadia", None, "keeper"), events[1]]
    assert tell(state, between, "player").endswith("The keeper leaves north.")


def test_a_killing_is_told_once_and_the_dead_are_named_as_dead_afterwards(state: State) -> None:
    state.move("rat", "tavern")
    state.dead.add("rat")
    fight = [
        Event("hit", "player", None, "rat", "tavern", amount=2),
        Event("killed", "player", None, "rat", "tavern"),
        Event("died", "rat", None, "player", "tavern"),
    ]
    assert tell(state, fight, "player") == "You hit the rat. You kill the rat."
    taken = [Event("took", "keeper", "coin", "rat", "tavern")]
    assert tell(state, taken, "player") == "The keeper takes the copper coin from the dead rat."


def test_going_shows_the_room_and_looking_shows_only_it(state: State) -> None:
    state.move("guards", "cellar")
    told = tell(state, do(state, "go", "tavern.north"), "player")
    assert told == (
        "You go north.\n"
        "Market Street\n"
        "Stalls line both sides of the cobbled street.\n"
        "You see Dawnbringer here.\n"
        "Nadia is here.\n"
        "Exits: south."
    )
    look = tell(state, do(state, "look"), "player")
    assert told == f"You go north.\n{look}"


def test_the_room_as_the_player_sees_it(state: State) -> None:
    assert describe_room(state, "player", Scope(state, "player")) == (
        "Tavern\n"
        "A low room that smells of smoke and beer. A fire burns in the hearth.\n"
        "You see a copper coin, a knife, a lantern, an oak chest (closed) and a table here. "
        "On the table are some bread and some ale.\n"
        "The keeper is here, wielding a club.\n"
        "Exits: north, down (the trapdoor, closed)."
    )


def test_darkness_hides_and_a_light_shows(state: State) -> None:
    do(state, "open", "trapdoor")
    dark = tell(state, do(state, "go", "tavern.down"), "player")
    assert dark == "You go down.\nDarkness\nIt is too dark to see anything here.\nExits: up."
    heard = Event("said", "rat", room="cellar", text="Squeak.")
    assert tell_event(state, heard, "player") == 'Someone says, "Squeak."'
    state.move("lantern", "player")
    do(state, "light", "lantern")
    assert "A rat is here." in tell(state, do(state, "look"), "player")


def test_things_and_people_looked_at_closely(state: State) -> None:
    assert describe_item(state, "coin") == "A worn copper coin."
    assert describe_item(state, "chest").endswith("The oak chest is closed.")
    assert "On the table are some bread" in describe_item(state, "table")
    assert describe_item(state, "boots").endswith("You could wear them.")
    assert describe_character(state, "keeper", "player") == (
        "A broad woman with flour on her hands. The keeper looks cheerful and is unhurt. "
        "She is wielding a club."
    )
    state.health["keeper"] = 3
    assert "is badly hurt" in describe_character(state, "keeper", "player")
    assert describe_character(state, "player", "player").startswith("An adventurer")


def test_what_one_has_and_how_one_is(state: State) -> None:
    assert inventory(state, "player") == (
        "You are carrying a brass key. You are wearing some leather boots."
    )
    state.move("key", "tavern")
    assert inventory(state, "player").startswith("You are carrying nothing.")
    assert status(state, "player").startswith("Health 10 of 10: you are unhurt.")
    assert goals(state, "player") == "You have no goals but your own."
    assert tell(state, do(state, "inventory"), "player") == inventory(state, "player")


def test_notices_stand_on_lines_of_their_own(state: State) -> None:
    events = [
        Event("took", "player", "coin", room="tavern"),
        Event("scored", "player", amount=1, text="+1"),
        Event("opened", "keeper", "trapdoor", room="tavern"),
    ]
    assert tell(state, events, "player").split("\n") == [
        "You take the copper coin.",
        "[Score: +1]",
        "The keeper opens the trapdoor.",
    ]


def test_help_lists_every_verb_in_words() -> None:
    text = help_text()
    assert "put SOMETHING in SOMETHING" in text
    assert "tell SOMEBODY WORDS" in text
    assert "yawn" in text
    assert "{" not in text
