"""The guard, rule by rule: sentences that keep to a scene and sentences that do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from game.engine.events import Event
from game.engine.model import State
from game.narrator.guard import check_sentence
from game.narrator.plain import told
from game.narrator.scene import SceneFacts, fact_for, scene_facts
from tests.narrator.stage import stage

TAKE = (Event("took", "player", "coin", room="tavern"),)
TAKE_FROM = (Event("took", "player", "bread", "table", room="tavern"),)
DROP = (Event("dropped", "player", "key", room="tavern"),)
GIVE = (Event("gave", "player", "key", "keeper", room="tavern"),)
HIT = (Event("hit", "player", "knife", "keeper", room="tavern", amount=1),)
HIT_BACK = (*HIT, Event("hit", "keeper", "club", "player", room="tavern", amount=1))
MISS = (Event("missed", "player", "knife", "keeper", room="tavern"),)
KILL = (*HIT, Event("killed", "player", None, "keeper", room="tavern"))
OPEN = (Event("opened", "player", "trapdoor", room="tavern"),)
UNLOCK = (Event("unlocked", "player", "chest", "key", room="tavern"),)
WAIT = (Event("waited", "player", room="tavern"),)
NOD = (Event("emoted", "player", None, "keeper", room="tavern", text="nod", manner="at"),)
GRIN = (Event("emoted", "keeper", None, "player", room="tavern", text="grin", manner="at"),)
SEARCH = (
    Event("searched", "player", "table", room="tavern"),
    Event("revealed", "player", "ring", "table", room="tavern"),
)
VAIN = (
    Event("searched", "player", "table", room="tavern"),
    Event("found_nothing", "player", "table", room="tavern"),
)
EAT = (
    Event("ate", "player", "bread", room="tavern"),
    Event("felt", "player", room="tavern", amount=2, text="better"),
)
SAY = (Event("told", "player", None, "keeper", "tavern", text="Where is the gem?"),)
GO = (
    Event("went", "player", room="street", to="tavern", exit="south"),
    Event("arrived", "player", room="tavern", exit="from the north"),
)
LEAVE = (Event("went", "keeper", room="tavern", to="street", exit="north"),)
HUG = (Event("hugged", "player", None, "keeper", room="tavern"),)
CAUGHT = (Event("caught", "player", "club", "keeper", room="tavern"),)
CATCH = (Event("caught", "keeper", "coin", "player", room="tavern"),)
STEAL = (Event("stole", "player", "club", "keeper", room="tavern"),)
PUT = (Event("put", "player", "key", "table", room="tavern", manner="on"),)
DRINK = (Event("drank", "player", "ale", room="tavern"),)
ENTER = (Event("went", "player", room="street", to="tavern", exit="in"),)


def scene(events: tuple[Event, ...], recent: tuple[str, ...] = ()) -> SceneFacts:
    state: State = stage().initial_state(1)
    for event in events:
        if event.type == "took" and event.item:
            state.move(event.item, "player")
    facts = [
        fact_for(state, part.events[0], part.sentence, "player")
        for part in told(state, events, "player")
        if part.sentence
    ]
    return scene_facts(state, "player", events, facts, recent=recent)


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        (TAKE, "You pick up the copper coin and feel how worn it is."),
        (TAKE, "You take the coin, and it is colder than it looks."),
        (TAKE, "You lift the copper coin to the light."),
        (TAKE, "You take the coin and let out a breath."),
        (TAKE, "You hold the coin between finger and thumb."),
        (TAKE_FROM, "You take the bread from the table."),
        (TAKE_FROM, "You reach out and take the bread, still warm, from the table."),
        (DROP, "You let the brass key fall, and it lands at your feet."),
        (DROP, "You drop the key, and it falls to the floor with a clink."),
        (DROP, "You set the key down on the ground."),
        (TAKE, "You take the coin, and your arm forgives you."),
        (GIVE, "You hold out the brass key, and the keeper takes it without a word."),
        (GIVE, "You give the key to the keeper, and she looks it over."),
        (GIVE, "You hand the keeper the brass key."),
        (HIT, "You bring the knife down hard, and it strikes the keeper's arm."),
        (HIT, "Your knife hits the keeper across the shoulder."),
        (HIT_BACK, "You hit the keeper, and the keeper hits you back just as hard."),
        (HIT_BACK, "The keeper hits you with the club, and pain runs up your arm."),
        (MISS, "You swing the knife at the keeper and hit nothing but air."),
        (MISS, "You swing at the keeper with the knife, and you miss."),
        (KILL, "You hit the keeper one last time, and she dies."),
        (KILL, "The keeper drops to the floor, dead."),
        (OPEN, "You open the trapdoor, and it gives a long, dry creak."),
        (OPEN, "The trapdoor opens under your hand."),
        (UNLOCK, "The brass key turns in the lock, and the oak chest is unlocked."),
        (WAIT, "You wait, and the moment passes as moments do."),
        (WAIT, "You stand still for a while and listen to the fire in the hearth."),
        (WAIT, "You wait, and the keeper looks at you from the corner of her eye."),
        (NOD, "You nod at the keeper, once and firmly."),
        (GRIN, "The keeper looks you over and grins, slow and wide."),
        (GRIN, "The keeper grins at you, and her eyes do not."),
        (SEARCH, "You feel about on the table until your fingers close on a silver ring."),
        (SEARCH, "You search the table, and a silver ring comes to light."),
        (VAIN, "You look the table over from end to end and find nothing."),
        (VAIN, "You search the table and find nothing but dust."),
        (EAT, "You eat the bread to the crust and feel better."),
        (EAT, "The bread goes down slowly, and you feel better."),
        (SAY, 'You lean close to the keeper and keep your voice low. "Where is the gem?"'),
        (SAY, 'You say to the keeper, "Where is the gem?"'),
        (GO, "You walk south until the tavern rises in front of you."),
        (GO, "You head south and step into the tavern."),
        (GO, "You go south with the wind at your back and find yourself at the tavern."),
        (LEAVE, "The keeper turns on her heel and leaves north."),
        (HUG, "You put your arms around the keeper and hold on for a moment."),
        (HUG, "You hug her, close as a shadow."),
        (HUG, "You hug the keeper, and she smells of smoke and beer."),
        # the catcher is the target of the event
        (CAUGHT, "The keeper catches you reaching for the club."),
        (CAUGHT, "The keeper catches you by the cuff as you reach for the club."),
        (CAUGHT, "Your hand is nearly on the club when the keeper has caught you."),
        (CAUGHT, "The keeper's hand closes over yours, caught short of the club."),
        (OPEN, "You open the trapdoor with an honest push and a useful grunt."),
        (NOD, "You nod at the keeper, once, in a one-sided way."),
        (GO, "You go south, and the tavern is where you arrive."),
        (GO, "You go south, arrive at the tavern, and let it have a look at you."),
        (GO, "You go south and arrive at the tavern, where the smell of smoke greets you."),
        (GO, "South you go on quiet feet, and arrive at the tavern on the same feet."),
        (DROP, "You drop the brass key, and it lands where you intended."),
        (HIT, "You hit the keeper, and a sting runs to your elbow."),
        (CATCH, "The keeper is reaching for the coin when you catch her by one sleeve."),
        (CATCH, "You catch the keeper reaching for the coin."),
        # repetition that is an idiom
        (STEAL, "Bit by bit you steal the club from the keeper."),
        (EAT, "Bite by slow bite you eat the bread and feel better."),
        (VAIN, "You go over the table, over and over, and find nothing."),
        # particles are no directions
        (DRINK, "You drink the ale down to the last drop."),
        (PUT, "The brass key clicks down on the table, where you put it."),
        (HIT, "Head down, you hit the keeper square on the chin."),
        # numbers that count nothing of the scene
        (HUG, "You put both arms around the keeper and hug."),
        (STEAL, "With two fingers you steal the club from the keeper."),
        (OPEN, "The trapdoor sticks, then opens at the second shove."),
        (GRIN, "The keeper grins from one ear to the other."),
        (GIVE, "With both hands you give the keeper the key."),
        # parts of things
        (DROP, "You drop the brass key, and its cord slips through your fingers."),
        (OPEN, "You open the trapdoor, and its hinges complain."),
        # verbs that mean something else with the word after them
        (NOD, "You leave off looking about and nod at the keeper."),
        (NOD, "You plant your feet and nod at the keeper."),
        (STEAL, "The keeper blinks, and in that blink you steal the club."),
        (UNLOCK, "The brass key unlocks the oak chest with a click."),
        (GIVE, "Into the keeper's waiting hand you give the brass key."),
        # going in, and being there
        (ENTER, "You go in."),
        (GO, "South, and you are in the tavern, with its smell of smoke."),
        # similes
        (OPEN, "You open the trapdoor as if it were glass."),
        (HIT, "You hit her with the knife, hard."),
    ],
)  # fmt: skip
def test_good_sentences_pass(events: tuple[Event, ...], sentence: str) -> None:
    verdict = check_sentence(sentence, scene(events))
    assert verdict.ok, verdict


@pytest.mark.parametrize(
    ("events", "sentence", "rule"),
    [
        # prompt leftovers
        (TAKE, "Telling: You take the coin.", "leftovers"),
        (TAKE, "You take the coin.<|im_end|>", "leftovers"),
        (TAKE, "You take the **coin** at last.", "leftovers"),
        (TAKE, "You take the coin [copper] and smile.", "leftovers"),
        (TAKE, "Visit https://example.org for the coin.", "leftovers"),
        (TAKE, "As an AI, you take the coin.", "leftovers"),
        (TAKE, "User: take the coin and go.", "leftovers"),
        # shape
        (TAKE, "You take", "shape"),
        (TAKE, "Coin.", "shape"),
        (TAKE, "you take the coin.", "shape"),
        (TAKE, "You take the coin and", "shape"),
        (TAKE, "You take " + "the coin and feel it and " * 12 + "stop.", "shape"),
        (TAKE, "You take the coin \u2603 in hand.", "shape"),
        # quotes
        (TAKE, 'The keeper says, "That is mine!"', "quotes"),
        (WAIT, 'You wait. "Hello," says the keeper.', "quotes"),
        (SAY, 'You say to the keeper, "Give me the gem."', "quotes"),
        (GRIN, '"Well met," the keeper grins.', "quotes"),
        # person
        (TAKE, "I take the coin and smile.", "person"),
        (TAKE, "You take the coin for my purse.", "person"),
        (TAKE, "We take the coin together.", "person"),
        (TAKE, "The adventurer takes the coin.", "person"),
        (TAKE, "You take the coin, and he smiles.", "person"),
        (GRIN, "The keeper rubs his chin and grins.", "person"),
        # tense
        (TAKE, "You took the coin from the floor.", "tense"),
        (TAKE, "You picked up the copper coin.", "tense"),
        (WAIT, "You waited, and the moment was long.", "tense"),
        (GRIN, "The keeper looked you over and grinned.", "tense"),
        (GO, "You will go south to the tavern.", "tense"),
        # loops
        (TAKE, "You take the coin, the coin, the coin.", "loops"),
        (WAIT, "You wait and you wait and you wait.", "loops"),
        (TAKE, "You take the the coin in hand.", "loops"),
        (WAIT, "You look at the fire and look at the floor.", "loops"),
        (WAIT, "You wait for a moment and listen to the.", "loops"),
        (OPEN, "You open the trapdoor, and it sounds like a invitation.", "loops"),
        (GIVE, "You give the key to the keeper with an palm on top.", "loops"),
        # numbers
        (TAKE, "You take two coins from the floor.", "numbers"),
        (TAKE, "You take the coin, worth 50 of its kind.", "numbers"),
        (NOD, "You nod at the other keeper.", "numbers"),
        (WAIT, "You wait for three long moments.", "numbers"),
        (TAKE, "You take the coin from two keepers.", "numbers"),
        (NOD, "You nod at both the coins, and another keeper.", "numbers"),
        (HIT, "You hit the keeper twice.", "numbers"),
        # directions
        (GO, "You head west and step into the tavern.", "directions"),
        (GO, "You walk north until the tavern rises in front of you.", "directions"),
        (LEAVE, "The keeper leaves east without a word.", "directions"),
        (OPEN, "You open the trapdoor and step inside.", "directions"),
        (WAIT, "You wait, then walk across to the table.", "directions"),
        (OPEN, "You open the trapdoor, and you climb down.", "outcomes"),
        (TAKE, "You take the coin and you head in.", "directions"),
        (GO, "You go down to the tavern.", "directions"),
        (GO, "You go south to the tavern, where the keeper greets you.", "outcomes"),
        # strangers
        (TAKE, "You take the coin from a merchant.", "strangers"),
        (TAKE, "You take the coin and draw your sword.", "strangers"),
        (WAIT, "You wait, and a wolf howls far away.", "strangers"),
        (WAIT, "You watch the boats in the harbour.", "strangers"),
        (WAIT, "You wait, and a dog barks at the window.", "strangers"),
        (NOD, "You nod at Nadia across the room.", "strangers"),
        (NOD, "You nod at the villagers.", "strangers"),
        (GRIN, "The keeper grins and polishes the Star of Sarnath.", "strangers"),
        (DROP, "You drop the key into the river.", "strangers"),
        (GO, "You walk south and find yourself at the castle.", "strangers"),
        (EAT, "You eat the bread and the cheese and feel better.", "strangers"),
        (TAKE, "You take the coin for the Queen of Mirrors.", "strangers"),
        (WAIT, "You wait, and someone coughs.", "strangers"),
        (HIT, "You hit the keeper with the spear.", "strangers"),
        # identity
        (OPEN, "The trapdoor is a table.", "identity"),
        (GRIN, "The keeper is a wizard, and she grins.", "strangers"),
        (TAKE, "The coin turns into a knife.", "identity"),
        # outcomes
        (TAKE, "You take the coin and the knife.", "outcomes"),
        (TAKE, "You take the lantern.", "outcomes"),
        (TAKE, "The keeper takes the coin.", "outcomes"),
        (TAKE, "You take the coin and give it to the keeper.", "outcomes"),
        (TAKE, "You drop the copper coin.", "outcomes"),
        (TAKE, "You steal the club from the keeper.", "outcomes"),
        (TAKE, "You take the coin, and the chest opens.", "outcomes"),
        (DROP, "You pick up the brass key.", "outcomes"),
        (GIVE, "You give the lantern to the keeper.", "outcomes"),
        (GIVE, "The keeper does not take the key.", "outcomes"),
        (HIT, "You hit the keeper, and she dies.", "outcomes"),
        (HIT, "The keeper hits you.", "outcomes"),
        (HIT, "You hit the table with the knife.", "outcomes"),
        (HIT, "You swing the knife and miss the keeper.", "outcomes"),
        (HIT, "You hit the keeper with the club.", "outcomes"),
        (HIT, "You kill the keeper.", "outcomes"),
        (HIT_BACK, "The keeper misses you.", "outcomes"),
        (MISS, "You strike the keeper hard across the arm.", "outcomes"),
        (OPEN, "You close the trapdoor.", "outcomes"),
        (WAIT, "You wait and give up the key to the keeper.", "outcomes"),
        (OPEN, "The trapdoor does not open.", "outcomes"),
        (OPEN, "You open the chest.", "outcomes"),
        (UNLOCK, "You unlock the oak chest, and it opens.", "outcomes"),
        (UNLOCK, "You break the chest into small pieces.", "outcomes"),
        (WAIT, "You wait, and the keeper leaves.", "outcomes"),
        (WAIT, "You wait, and the fire explodes.", "outcomes"),
        (WAIT, "You wait, and the keeper asks you to go.", "outcomes"),
        (WAIT, "You wait until you fall asleep.", "outcomes"),
        (NOD, "You nod at the keeper, and she laughs.", "outcomes"),
        (NOD, "You hug the keeper.", "outcomes"),
        (GRIN, "The keeper grins and attacks you.", "outcomes"),
        (SEARCH, "You search the table and find nothing.", "outcomes"),
        (VAIN, "You search the table and find a silver ring.", "strangers"),
        (VAIN, "You search the table and find a coin.", "outcomes"),
        (EAT, "You eat the bread and feel worse.", "outcomes"),
        (EAT, "You drop the bread.", "outcomes"),
        (TAKE, "You take the coin and feel stronger.", "outcomes"),
        (HUG, "You hug the keeper, and the lantern vanishes.", "outcomes"),
        (LEAVE, "You leave the tavern and the keeper.", "outcomes"),
        (GIVE, "You give the key to the keeper, and she gives it to you.", "outcomes"),
        (TAKE, "You pick up the copper coin, and the knife.", "outcomes"),
        (CAUGHT, "You catch the keeper reaching for the club.", "outcomes"),
        (CAUGHT, "Your hand goes to the club, caught by the keeper: you have it now.", "outcomes"),
        (CATCH, "The keeper catches you reaching for the coin.", "outcomes"),
        (TAKE, "You take the coin, and the keeper catches you.", "outcomes"),
        (TAKE, "You take the coin and hand it to the keeper.", "outcomes"),
        (UNLOCK, "The brass key opens the oak chest.", "outcomes"),
        # colour alone
        (TAKE, "The coin sits small and cold in the middle of your palm.", "uncovered"),
        (HIT, "You look at the keeper and breathe out.", "uncovered"),
        # idle claims
        (HIT, "You hit the keeper, and you are no longer sure of it.", "claims"),
        (HIT, "You hit the keeper, and she is right there.", "claims"),
        (TAKE, "You take the coin, and it's a great thing.", "claims"),
        (TAKE, "You take the coin and start to count.", "claims"),
        (TAKE, "You take the coin, and you are in the tavern.", "claims"),
        (MISS, "You swing the knife at the keeper and misses her.", "claims"),
        (GO, "You go south, arrive at the tavern, and let it go a little cold.", "claims"),
        (GO, "You go south, and the smell of smoke stops at the tavern.", "claims"),
        (GO, "You go south to the tavern, and rest your elbow on your butt.", "claims"),
    ],
)  # fmt: skip
def test_bad_sentences_are_caught_by_their_rule(
    events: tuple[Event, ...], sentence: str, rule: str
) -> None:
    verdict = check_sentence(sentence, scene(events))
    assert not verdict.ok
    assert verdict.rule == rule, verdict


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("South you go, and the tavern is there to meet you.", ""),
        ("You go south and arrive at the tavern as though expected.", ""),
        ("South you go, and the dovecote is where you arrive.", "outcomes"),
        ("You go south and arrive at the silo.", "outcomes"),
    ],
)
def test_one_arrives_where_one_arrives(sentence: str, rule: str) -> None:
    went = scene(GO)
    arrived = replace(went.facts[0], sentence="You go south. You arrive at the tavern.")
    assert check_sentence(sentence, replace(went, facts=(arrived,))).rule == rule


def test_what_was_told_a_moment_ago_is_not_told_again() -> None:
    line = "You wait, and the moment passes as moments do."
    assert check_sentence(line, scene(WAIT)).ok
    verdict = check_sentence(line, scene(WAIT, recent=(line,)))
    assert verdict.rule == "repeats"
    turned = "You stand still, and the moment passes as moments do."
    assert check_sentence(turned, scene(WAIT, recent=(line,))).rule == "repeats"


def test_names_of_proper_people_take_no_article() -> None:
    state = stage().initial_state(1)
    state.move("nadia", "tavern")
    event = Event("hugged", "player", None, "nadia", room="tavern")
    fact = fact_for(state, event, "You hug Nadia.", "player")
    facts = scene_facts(state, "player", (event,), (fact,))
    assert check_sentence("You hug Nadia and hold on for a moment.", facts).ok
    assert check_sentence("You hug the Nadia and hold on.", facts).rule == "names"


def test_in_the_dark_only_what_is_carried_is_in_the_scene() -> None:
    state = stage().initial_state(1)
    state.opened.add("trapdoor")
    state.move("player", "cellar")
    fact = fact_for(state, WAIT[0], "You wait.", "player")
    facts = scene_facts(state, "player", WAIT, (fact,))
    assert check_sentence("You wait in the dark and listen.", facts).ok
    assert check_sentence("You wait and look at the rat.", facts).rule == "strangers"


def test_one_sentence_of_colour_may_follow_one_that_tells_the_fact() -> None:
    facts = scene(TAKE)
    told, colour = "You take the copper coin.", "It sits small and cold in your palm."
    assert check_sentence(colour, facts, told).ok
    assert check_sentence(colour, facts).rule == "uncovered"
    more = "The edge of it is worn smooth."
    assert check_sentence(more, facts, f"{told} {colour}").rule == "uncovered"
    assert check_sentence("You drop it at once.", facts, told).rule == "outcomes"


def test_coverage_of_facts() -> None:
    facts = scene(HIT_BACK).facts
    assert facts[0].covered_by("You bring the knife down and strike the keeper's arm.")
    assert not facts[0].covered_by("You look at the keeper.")
    assert not facts[1].covered_by("You wince.")
    (took,) = scene(TAKE).facts
    assert took.covered_by("You pick up the coin.")
    assert not took.covered_by("You pick it up.")
