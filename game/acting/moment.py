"""What one character has before it when it decides, and the words its considerations share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from game.acting.memory import Memory, hunts
from game.engine.events import Action, Event
from game.engine.model import Character, Exit, State
from game.engine.reactions import Role
from game.engine.roles import leading
from game.engine.scope import Scope, scope_of
from game.engine.verbs.body import armour, attack

#: What a consideration yields: actions, each with its utility.
Wish = Iterator[tuple[Action, float]]

#: The utility of doing nothing, against which all others are measured.
WAIT = 3.0
#: The farthest that those without a tether or a role stray from home, in rooms.
LEASH = 3
#: Turns a character stays attentive after somebody turned to it.
ATTENTION = 4

_BEASTS = frozenset({"animal", "beast", "vermin"})
_BEASTLY = frozenset({"growl", "stare", "yawn"})

#: Moods by the beginnings of their words.
ANGRY = ("angry", "furi", "hostil", "rage", "fierce", "vengeful", "bitter", "outraged")
AFRAID = ("afraid", "fear", "scared", "terrif", "nervous", "timid", "uneasy", "anxious")
MERRY = ("happy", "cheer", "merry", "jolly", "friendly", "kind", "warm", "amused", "radiant")
SAD = ("sad", "weary", "mourn", "gloom", "lonely", "melanchol", "heartbroken", "hungry", "wistful")
SLEEPY = ("drows", "sleep", "tired")
#: Moods in which even those who attack on sight let people be.
PEACEFUL = ("tame", "content", "friendly", "peace", "reliev", "grateful", "docile")


@dataclass
class Moment:
    """What one character has before it when it decides."""

    state: State
    who: str
    memory: Memory
    heard: Sequence[Event]
    admissible: Sequence[Action]

    @cached_property
    def me(self) -> Character:
        return self.state.world.characters[self.who]

    @cached_property
    def scope(self) -> Scope:
        return scope_of(self.state, self.who)

    @cached_property
    def by_verb(self) -> dict[str, list[Action]]:
        found: dict[str, list[Action]] = {}
        for action in self.admissible:
            found.setdefault(action.verb, []).append(action)
        return found

    def can(self, verb: str) -> Sequence[Action]:
        return self.by_verb.get(verb, ())

    def at(self, verb: str, noun: str) -> Iterator[Action]:
        """The action of `verb` on `noun`, where it is admissible."""
        return (a for a in self.can(verb) if a.noun == noun)

    @cached_property
    def role(self) -> Role | None:
        """The role it plays; of a blend, the heaviest."""
        return self.state.world.roles.get(leading(self.state.role.get(self.who)) or "")

    @cached_property
    def courage(self) -> int:
        """Aggression as the mood has it, 0 to 13; those who never strike have none."""
        if self.me.pacifist:
            return 0
        swing = 3 * self.feels(ANGRY) - 3 * self.feels(AFRAID)
        return max(0, self.me.aggression + swing)

    @cached_property
    def mood(self) -> str:
        return self.state.mood_of(self.who).lower()

    def feels(self, stems: Iterable[str]) -> bool:
        """Whether the mood has one of these words, or a word that begins so, in it."""
        return any(word.startswith(stem) for word in self.mood.split() for stem in stems)

    def preys_on(self, other: str) -> bool:
        """Whether this character attacks the other on sight, in its present mood."""
        if other == self.memory.leader or self.me.pacifist or self.feels(PEACEFUL):
            return False
        return hunts(self.state, self.who, other)

    @cached_property
    def wellness(self) -> float:
        """Health as a share of what it was at first, 0 to 1."""
        return min(1.0, self.state.health[self.who] / max(1, self.me.health))

    @cached_property
    def foes(self) -> list[str]:
        """Those in the room who struck this character, seen or not, and lately."""
        here = [c for c in self.state.contents[self.scope.room] if c in self.state.world.characters]
        turn, dead = self.state.turn, self.state.dead
        return [c for c in here if c not in dead and self.memory.grudge(c, "blow", turn)]

    @cached_property
    def thieves(self) -> list[str]:
        turn = self.state.turn
        return [c for c in self.scope.here if self.memory.grudge(c, "theft", turn)]

    @cached_property
    def menaces(self) -> list[str]:
        """Those here who would attack this character on sight."""
        return [c for c in self.scope.here if hunts(self.state, c, self.who)]

    @cached_property
    def onstage(self) -> bool:
        return self.state.parent[self.state.world.player] == self.scope.room

    @cached_property
    def afraid(self) -> bool:
        """Whether this is more than the character stands up to."""
        threats = [*self.foes, *self.menaces]
        if not threats:
            return False
        if self.courage <= 1:
            return True
        worst = max(attack(self.state, t) for t in threats) - armour(self.state, self.who)
        limit = 0.6 - 0.06 * self.courage
        if worst >= self.state.health[self.who]:
            limit += 0.2
        return self.wellness <= limit

    @cached_property
    def ways(self) -> list[tuple[Action, Exit]]:
        """Ways this character would take by itself; none for those of speed 0.

        Rooms tagged "exit" lead out of the story: those are for the player, or for a role to seek.
        """
        if not self.me.speed:
            return []
        world = self.state.world
        ways = [(a, world.exits[str(a.noun)]) for a in self.can("go")]
        return [(a, e) for a, e in ways if "exit" not in world.rooms[e.to].tags]

    def far(self, room: str) -> int:
        """Rooms from home."""
        world = self.state.world
        return world.distance[world.home[self.who]].get(room, 99)

    @cached_property
    def beast(self) -> bool:
        me = self.me
        wordless = not (me.persona or me.greeting or me.knowledge)
        return wordless or not me.tags.isdisjoint(_BEASTS)

    def gestures(self, names: Iterable[str], at: str | None) -> list[Action]:
        """Those gestures that suit the character and were not made lately."""
        lately = {a.verb for a in self.memory.recent}
        return [
            Action(n, at) for n in names if n not in lately and (n in _BEASTLY or not self.beast)
        ]


def shared(actions: Sequence[Action], utility: float) -> Wish:
    """One weight for all of them together."""
    for action in actions:
        yield action, utility - math.log(len(actions))
