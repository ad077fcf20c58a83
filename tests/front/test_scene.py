"""The panes show the world as the player perceives it, and keep showing that moment."""

from __future__ import annotations

from game.front.scene import Held, Way
from game.front.stage import Options, Stage


def test_a_scene_is_what_the_player_perceives() -> None:
    stage = Stage.open(Options("village", "plain", seed=7, llm=False))
    stage.command("go east")
    scene = stage.scene()
    assert scene.room == "The Marketplace" and scene.turn == 1
    ways = {way.name: way for way in scene.exits}
    assert ways["northeast"].closed and "studded door, closed" in ways["northeast"].note
    assert ways["north"] == Way("north", "the sanctuary steps", False)
    assert Held("some travelling boots", "travelling boots", "worn") in scene.inventory
    assert "Hob Farthing" in [person.name for person in scene.people]
    assert scene.health == scene.full_health == 26
    assert any(goals for goals in (quest.goals for quest in scene.quests))
    stage.close()


def test_a_scene_does_not_change_with_the_game() -> None:
    stage = Stage.open(Options("village", "plain", seed=7, llm=False))
    scene = stage.scene()
    stage.command("go east")
    assert scene.room == "The Drowned Herring"
    assert "go east" in scene.complete("go e")
    assert "go west" not in scene.complete("go w")
    stage.close()


def test_the_name_a_click_uses_is_understood() -> None:
    stage = Stage.open(Options("village", "plain", seed=7, llm=False))
    scene = stage.scene()
    for seen in (*scene.people, *scene.things, *scene.inventory):
        turn = stage.command(f"examine {seen.ref}")
        assert turn.canonical is not None and turn.canonical.startswith("examine"), seen
    stage.close()
