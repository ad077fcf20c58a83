"""Waiting, and asking about oneself: inventory, status, goals and what could be done."""

from __future__ import annotations

from game.engine.consequences import Happen
from game.engine.events import define
from game.engine.scope import Scope
from game.engine.verbs.base import Simple, Verb

WAITED = define("waited", "{actor} <wait>.", sense="self", doc="Nobody notices another wait.")
CHECKED = define(
    "checked",
    "{actor} <take> stock.",
    sense="self",
    doc="The actor asked for their inventory, status, goals or actions (`text` says which).",
)


class Wait(Simple):
    name = "wait"
    words = ("wait", "z", "rest", "pause", "do nothing", "wait a bit", "wait a while")
    help = "Let a moment pass."
    idle = True

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        happen(type=WAITED, actor=s.actor, room=s.room)


class _Check(Simple):
    free = True
    idle = True

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        happen(type=CHECKED, actor=s.actor, room=s.room, text=self.name)


class Inventory(_Check):
    name = "inventory"
    words = ("inventory", "i", "inv", "what do i have", "what am i carrying")
    phrases = ("take|check|show|list|my inventory|possessions|belongings",)
    help = "What you carry, wear and wield."


class Status(_Check):
    name = "status"
    words = ("status", "health", "stats", "diagnose", "score")
    help = "How you are."


class Goals(_Check):
    name = "goals"
    words = ("goals", "quests", "quest", "goal", "mission", "objectives", "journal")
    phrases = (
        "what now|next",
        "what should|do|must i do",
        "what am i supposed|meant to do",
        "how do|can i win",
        "what is my|the goal|mission|quest",
    )
    help = "What you have set out to do."


class Actions(_Check):
    name = "actions"
    words = ("actions", "what can i do", "options")
    help = "Everything you could do right now."


VERBS: tuple[Verb, ...] = (Wait(), Inventory(), Status(), Goals(), Actions())
