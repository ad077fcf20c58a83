"""Every ending of The Long Interval can be reached by typing, with and without a lively cast."""

from __future__ import annotations

import pytest

from game.engine.model import World
from tests.worlds.walking import Walk, shipped, ways

LAST_LINE = "I was only keeping it warm"


@pytest.fixture(scope="module")
def world() -> World:
    return shipped("interval")


@pytest.fixture(params=["alone", 0, 1, 2], ids=lambda p: f"cast-{p}")
def walk(request: pytest.FixtureRequest, world: World) -> Walk:
    if request.param == "alone":
        return Walk(world)
    return Walk(world, request.param, cast=True)


def light_the_lime(walk: Walk) -> None:
    """From the prompt corner and back to it: the ticket, the cabinet, the perch."""
    walk.do("n", "x card")
    walk.go(*ways("n e"))
    walk.do("take ticket", "take the kipper", "take lantern")
    walk.go(*ways("w s s"))
    walk.do("give kipper to cat")
    walk.go(*ways("w w"))
    told = walk.do("give ticket to the fireman", "unlock cabinet with red key", "open cabinet")
    assert "the lime is on the left" in told.lower()
    walk.do("take lime")
    walk.go(*ways("e e u w"))
    walk.do("put lime in lamp")
    assert "forty-one people sitting up" in walk.do("light lamp")
    walk.go(*ways("e d"))


def find_the_wages(walk: Walk) -> None:
    """From the prompt corner and back to it; the cat has been fed."""
    walk.go(*ways("w w"))
    walk.do("unlock green door with green key", "open green door", "n", "open chest")
    assert "their own wages" in walk.do("search gold")
    walk.do("take sovereigns")
    walk.go(*ways("s e e"))


def pay_the_company(walk: Walk) -> None:
    """From the prompt corner and back to it."""
    walk.go(*ways("n n u"))
    assert "a winch begins to turn" in walk.do("give sovereigns to mrs dredge")
    assert walk.state.quests["wages"] == "done"
    walk.go(*ways("d s s"))


def trade_for_the_crown(walk: Walk) -> None:
    """From the prompt corner to the bar."""
    walk.go(*ways("s w s w"))
    assert "the whole blessed play" in walk.do(f"tell the colonel {LAST_LINE}")
    assert walk.state.parent["crown"] == "player"


def warm_the_doorkeeper(walk: Walk) -> None:
    """From the bar to Room One, by way of the stage door."""
    walk.do("take cocoa")
    walk.go(*ways("e n e n n n e"))
    walk.do("give cocoa to bassett")
    walk.go(*ways("w s"))
    walk.do("unlock the door of room one with the gold thread", "open door of room one", "east")


def get_the_ledger(walk: Walk) -> None:
    """From the bar and back to it."""
    walk.go(*ways("e e"))
    walk.do("search till", "open till", "take safe key")
    walk.go(*ways("w u e"))
    assert "what he owes them" in walk.do("unlock safe with safe key")
    walk.do("open safe", "take ledger")
    walk.go(*ways("w d w"))


def ring_up(walk: Walk, ending: str) -> None:
    """From Room One."""
    walk.go(*ways("w s"))
    walk.do("ring the bell")
    assert walk.state.ended == ending, walk.told
    assert walk.session.world.endings[ending].text in walk.told


def certificate_by_the_ledger(walk: Walk) -> None:
    """From the bar and back to it."""
    get_the_ledger(walk)
    walk.go(*ways("e n e e"))
    walk.do("give ledger to miss crake")
    assert walk.state.parent["certificate"] == "player"
    walk.go(*ways("w w s w"))


def test_the_name_on_the_bill(walk: Walk) -> None:
    light_the_lime(walk)
    find_the_wages(walk)
    pay_the_company(walk)
    trade_for_the_crown(walk)
    certificate_by_the_ledger(walk)
    warm_the_doorkeeper(walk)
    assert "Not while that paper" in walk.do("give crown to thorne")
    walk.do("give certificate to thorne", "give crown to thorne")
    ring_up(walk, "name")
    quests = walk.state.quests
    assert [q for q in ("ring_up", "wages", "the_card") if quests[q] != "done"] == []


def test_the_name_on_the_bill_by_a_kindness(walk: Walk) -> None:
    light_the_lime(walk)
    walk.go(*ways("s w s u u"))
    assert "comes to light" in walk.do("search benches")
    walk.do("take programme")
    walk.go(*ways("d d n e e"))
    assert "Thirty years" in walk.do("give the old programme to crake")
    walk.go(*ways("w n"))
    find_the_wages(walk)
    pay_the_company(walk)
    trade_for_the_crown(walk)
    warm_the_doorkeeper(walk)
    walk.do("give certificate to thorne", "give crown to thorne")
    ring_up(walk, "name")


def test_mr_edmund_pyle(walk: Walk) -> None:
    light_the_lime(walk)
    walk.go("w")
    walk.do("open trap", "d", "light lantern")
    assert "Is there nobody on the book" in walk.do("look") or walk.state.quests["unfinished"]
    assert "Tell Seraphina" in walk.do(f'say "{LAST_LINE}."')
    walk.go(*ways("u e n w"))
    assert "Wages first" in walk.do("ask lisle about the trunk")
    walk.go(*ways("e s"))
    find_the_wages(walk)
    pay_the_company(walk)
    walk.go(*ways("n w"))
    walk.do("tell lisle he said please")
    walk.go(*ways("e s w d"))
    walk.do("unlock trunk with trunk key", "open trunk", "take ring")
    walk.go(*ways("u e"))
    trade_for_the_crown(walk)
    warm_the_doorkeeper(walk)
    assert "a lid shuts" in walk.do("give ring to thorne")
    assert "clean-faced" in walk.do("x thorne")
    walk.do("give crown to thorne")
    ring_up(walk, "pyle")
    assert walk.session.world.endings["pyle"].won
    assert walk.state.quests["unfinished"] == "done"


def test_the_understudy_goes_on(walk: Walk) -> None:
    light_the_lime(walk)
    find_the_wages(walk)
    walk.go("u")
    walk.do("give sovereigns to tulk")
    walk.go("d")
    trade_for_the_crown(walk)
    walk.go(*ways("e n e n n n"))
    assert "Nobody has ever so much as clapped" in walk.do("give crown to percy")
    walk.do("applaud percy", "give crown to percy")
    walk.go(*ways("s s"))
    walk.do("ring bell")
    assert walk.state.ended == "understudy"


def test_whoever_wears_it(walk: Walk) -> None:
    light_the_lime(walk)
    find_the_wages(walk)
    pay_the_company(walk)
    trade_for_the_crown(walk)
    walk.go(*ways("e n e n"))
    assert "would want his hair" in walk.do("wear crown")
    assert "prompter in a hat" in walk.do("ring bell")
    walk.go(*ways("n n u"))
    assert "He steps back for you" in walk.do("take wig", "wear wig")
    walk.go(*ways("d s s"))
    walk.do("ring bell")
    assert walk.state.ended == "usurper"


def test_a_theft_is_paid_for(walk: Walk) -> None:
    light_the_lime(walk)
    find_the_wages(walk)
    pay_the_company(walk)
    walk.go(*ways("s e"))
    walk.steal("certificate", "steal certificate from crake")
    walk.go(*ways("w n"))
    trade_for_the_crown(walk)
    warm_the_doorkeeper(walk)
    walk.do("give certificate to thorne", "give crown to thorne")
    ring_up(walk, "notices")
    assert not walk.session.world.endings["notices"].won


def test_a_theft_can_be_made_right(walk: Walk) -> None:
    light_the_lime(walk)
    find_the_wages(walk)
    pay_the_company(walk)
    walk.go(*ways("s e"))
    walk.do("say you are blind, aren't you")
    assert walk.state.flags["ill_gotten"] and walk.state.parent["certificate"] == "player"
    walk.go(*ways("w n"))
    trade_for_the_crown(walk)
    get_the_ledger(walk)
    walk.go(*ways("e n e e"))
    assert "I never saw the first" in walk.do("give ledger to crake")
    walk.go(*ways("w w s w"))
    warm_the_doorkeeper(walk)
    walk.do("give certificate to thorne", "give crown to thorne")
    ring_up(walk, "name")


def test_stage_gold(walk: Walk) -> None:
    light_the_lime(walk)
    find_the_wages(walk)
    walk.go(*ways("n n e e"))
    walk.do("sledge")
    assert walk.state.ended == "takings"


def test_leaving_with_nothing(walk: Walk) -> None:
    walk.go(*ways("n n e e"))
    walk.do("go to belling")
    assert walk.state.ended == "departed"


def test_killing_is_answered_for_and_leaves_another_way(walk: Walk) -> None:
    light_the_lime(walk)
    walk.do("n", "n", "e")
    walk.steal("room_key", "steal gold thread from bassett")
    walk.go(*ways("w s"))
    walk.do("unlock the door of room one", "open the door of room one", "e")
    told = walk.kill("thorne", "hit thorne")
    assert "Kill anybody, and Mr Thorne will never walk on tonight" in told
    assert "Whatever endings had him in them are lost" in told
    walk.go(*ways("w s"))
    find_the_wages(walk)
    pay_the_company(walk)
    trade_for_the_crown(walk)
    walk.go(*ways("e n e n n n"))
    walk.do("applaud", "give crown to percy")
    walk.go(*ways("s s"))
    walk.do("ring bell")
    assert walk.state.ended == "understudy_blood"


def carried_off(walk: Walk) -> None:
    """Quarrels with a flyman, and stays to see what comes of it."""
    walk.go("u")
    for n in range(200):
        walk.do("wait" if n % 8 else "hit tulk")
        if walk.state.ended:
            return


@pytest.mark.parametrize("seed", range(3))
def test_who_picks_fights_is_carried_off(world: World, seed: int) -> None:
    walk = Walk(world, seed, cast=True)
    carried_off(walk)
    assert walk.state.ended == "death"
    assert "You have died." in walk.told and not world.endings["death"].won


def test_every_ending_is_walked_to(world: World) -> None:
    walked = {"name", "pyle", "understudy", "usurper", "notices", "takings", "departed"}
    assert set(world.endings) == walked | {"understudy_blood", "death"}
