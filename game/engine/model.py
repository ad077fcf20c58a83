"""What a world is (World, immutable) and what changes in it (State, small and clonable)."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from game.engine.conditions import Lore, Variant
    from game.engine.reactions import Ending, Quest, Reaction, Role
    from game.engine.scope import Scope

#: The parent of everything that is not in the world: eaten, used up or not yet created.
NOWHERE = ""

DIRECTIONS = (
    "north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest",
    "up", "down", "in", "out",
)  # fmt: skip
OPPOSITE = {
    "north": "south", "northeast": "southwest", "east": "west", "southeast": "northwest",
    "south": "north", "southwest": "northeast", "west": "east", "northwest": "southeast",
    "up": "down", "down": "up", "in": "out", "out": "in",
}  # fmt: skip

#: How a thing is held by its parent. Absent from `State.manner` means "in" (or merely carried).
Manner = Literal["in", "on", "worn", "wielded"]

#: Character stats that items, reactions and combat use.
STATS = ("health", "strength", "dexterity", "damage", "defense")


@dataclass(frozen=True, slots=True)
class Exit:
    """A way from `room` to `to`. `name` is the word after "go": a direction or a short label."""

    id: str
    room: str
    to: str
    name: str
    names: tuple[str, ...] = ()
    direction: str | None = None
    label: str = ""
    description: str = ""
    door: str | None = None
    hidden: bool = False
    variants: tuple[Variant, ...] = ()  # told instead of the description: the first that holds


@dataclass(frozen=True, slots=True)
class Room:
    id: str
    name: str
    description: str = ""
    names: tuple[str, ...] = ()
    exits: tuple[Exit, ...] = ()
    dark: bool = False
    capacity: int = 100_000
    tags: frozenset[str] = frozenset()
    background: str = ""  # lore for the narrator, never shown as it is
    variants: tuple[Variant, ...] = ()
    voice: str = ""  # a note on tone for the narrator while here


@dataclass(frozen=True, slots=True)
class Item:
    """A thing. Also a door, which stands between two rooms (`between`) and is in neither."""

    id: str
    name: str
    article: str = "a"  # "a", "an", "some", "the", or "" for a proper name
    plural: bool = False
    names: tuple[str, ...] = ()
    description: str = ""
    tags: frozenset[str] = frozenset()
    size: int = 1
    value: int = 0
    fixed: bool = False  # cannot be taken
    fixed_reason: str = ""  # what the player is told who tries
    holds: Literal["in", "on"] | None = None  # container, surface, or neither
    capacity: int = 0
    openable: bool = False
    open: bool = True
    locked: bool = False
    keys: tuple[str, ...] = ()  # what locks and unlocks it; lockable when not empty or locked
    transparent: bool = False  # what is in it is seen while it is closed
    between: tuple[str, str] | None = None  # a door: the rooms it joins
    wearable: str | None = None  # equipment slot: head, body, hands, feet, finger, neck, ...
    wieldable: bool = False
    food: bool = False
    drink: bool = False
    energy: int = 0  # health that eating or drinking gives; negative is poison
    light: bool = False  # can give light
    lit: bool = False
    damage: int = 0
    defense: int = 0
    hidden: bool = False
    background: str = ""
    variants: tuple[Variant, ...] = ()

    @property
    def lockable(self) -> bool:
        return self.locked or bool(self.keys)


@dataclass(frozen=True, slots=True)
class Character:
    id: str
    name: str
    article: str = "the"  # "the", "a", or "" for a proper name
    plural: bool = False
    pronoun: Literal["he", "she", "it", "they"] = "they"
    names: tuple[str, ...] = ()
    description: str = ""
    persona: str = ""
    mood: str = "calm"
    goals: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()  # what they can talk about, as plain sentences
    greeting: str = ""
    role: str | None = None
    tags: frozenset[str] = frozenset()
    size: int = 20
    capacity: int = 20  # total size of what they can carry, wear and wield
    health: int = 10
    strength: int = 0
    dexterity: int = 0
    damage: int = 1
    defense: int = 0
    speed: int = 5  # 0 never moves by itself; 10 moves often
    aggression: int = 0  # 0..10; how readily they strike those they may attack
    pacifist: bool = False
    attacks: frozenset[str] = frozenset()  # tags of those they attack on sight ("*": anyone)
    refuses_gifts: bool = False
    move_cost: int = 0  # health that a move takes
    max_worn: int = 4
    max_wielded: int = 2
    tether: int | None = None  # the farthest they stray from where they start, in rooms
    energy: int = 0  # what eating the body gives (LIGHT's food_energy)
    background: str = ""
    variants: tuple[Variant, ...] = ()
    voice: str = ""  # a note for the narrator on how they speak


Thing = Item | Character
Entity = Room | Item | Character


@dataclass(frozen=True)
class World:
    """The immutable definition of a world.

    `places` gives each thing's starting parent and manner, in a fixed order. `hash` identifies the
    definition, so that journals and saves can say which world they belong to.
    """

    id: str
    title: str
    rooms: dict[str, Room]
    items: dict[str, Item]
    characters: dict[str, Character]
    places: dict[str, tuple[str, Manner]]
    player: str = "player"
    intro: str = ""
    author: str = ""
    voice: str = ""  # a note on tone for the narrator
    hash: str = ""
    reactions: tuple[Reaction, ...] = ()
    quests: dict[str, Quest] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    endings: dict[str, Ending] = field(default_factory=dict)
    flags: dict[str, int | str | bool] = field(default_factory=dict)
    lore: tuple[Lore, ...] = ()

    @cached_property
    def entities(self) -> dict[str, Entity]:
        return {**self.rooms, **self.items, **self.characters}

    @cached_property
    def order(self) -> dict[str, int]:
        """Each id's rank: contents are kept in this order, so that iteration never varies."""
        return {id: n for n, id in enumerate(self.entities)}

    @cached_property
    def exits(self) -> dict[str, Exit]:
        return {e.id: e for room in self.rooms.values() for e in room.exits}

    @cached_property
    def doors(self) -> dict[str, tuple[str, ...]]:
        """Room id to the doors that stand in it."""
        found: dict[str, list[str]] = {room: [] for room in self.rooms}
        for item in self.items.values():
            for room in item.between or ():
                found[room].append(item.id)
        return {room: tuple(doors) for room, doors in found.items()}

    @cached_property
    def refs(self) -> dict[str, str]:
        """A name for every thing that no other thing in the world has ("scroll", "scroll 2")."""
        refs: dict[str, str] = {}
        taken: set[str] = set()
        for id in (*self.characters, *self.items):
            name = ref = self.thing(id).name.lower()
            number = 1
            while ref in taken:
                number += 1
                ref = f"{name} {number}"
            taken.add(ref)
            refs[id] = ref
        return refs

    @cached_property
    def distance(self) -> dict[str, dict[str, int]]:
        """Steps from room to room through every exit, locked ones too."""
        table = {}
        for start in self.rooms:
            seen = {start: 0}
            queue = deque([start])
            while queue:
                here = queue.popleft()
                for e in self.rooms[here].exits:
                    if e.to not in seen:
                        seen[e.to] = seen[here] + 1
                        queue.append(e.to)
            table[start] = seen
        return table

    @cached_property
    def home(self) -> dict[str, str]:
        """The room each character starts in."""
        return {c: self.places[c][0] for c in self.characters}

    def thing(self, id: str) -> Thing:
        item = self.items.get(id)
        return self.characters[id] if item is None else item

    def name(self, id: str) -> str:
        return self.rooms[id].name if id in self.rooms else self.thing(id).name

    def initial_state(self, seed: int = 0) -> State:
        """The state before the first turn. The same world and seed give the same game."""
        contents: dict[str, list[str]] = {id: [] for id in self.entities}
        contents[NOWHERE] = []
        for id, (parent, _) in self.places.items():
            contents[parent].append(id)
        rank = self.order.__getitem__
        return State(
            world=self,
            parent={id: parent for id, (parent, _) in self.places.items()},
            contents={id: tuple(sorted(held, key=rank)) for id, held in contents.items()},
            manner={id: how for id, (_, how) in self.places.items() if how != "in"},
            opened={i.id for i in self.items.values() if i.openable and i.open and not i.locked},
            locked={i.id for i in self.items.values() if i.locked},
            hidden={i.id for i in self.items.values() if i.hidden}
            | {e.id for e in self.exits.values() if e.hidden},
            lit={i.id for i in self.items.values() if i.lit},
            dead=set(),
            health={c.id: c.health for c in self.characters.values()},
            boosts={},
            following={},
            blocking={},
            mood={},
            role={c.id: c.role for c in self.characters.values() if c.role},
            flags=dict(self.flags),
            fired={},
            quests={q.id: "active" for q in self.quests.values() if q.active},
            score=0,
            xp=0,
            rewards={},
            ended=None,
            turn=0,
            rng=(seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) & MASK64,
        )


MASK64 = 0xFFFFFFFFFFFFFFFF


@dataclass(slots=True, eq=False)
class State:
    """Everything that changes. Clones in microseconds; `digest()` identifies it.

    `parent`/`contents` are the containment forest (each the other's inverse), `manner` how a thing
    is held where that is not simply "in". `fired` counts how often each pattern has matched;
    `rewards` holds each character's role reward. `rng` is a 64-bit counter. Only `rules.apply` and
    `rules.pass_turn` change a state that others hold; who changes one by hand empties `scopes`.
    """

    world: World
    parent: dict[str, str]
    contents: dict[str, tuple[str, ...]]
    manner: dict[str, Manner]
    opened: set[str]
    locked: set[str]
    hidden: set[str]
    lit: set[str]
    dead: set[str]
    health: dict[str, int]
    boosts: dict[tuple[str, str], int]
    following: dict[str, str]
    blocking: dict[str, str]
    mood: dict[str, str]
    role: dict[str, str]
    flags: dict[str, int | str | bool]
    fired: dict[str, int]
    quests: dict[str, str]
    score: int
    xp: int
    rewards: dict[str, float]
    ended: str | None
    turn: int
    rng: int
    #: Views of this very state by character, for `scope.scope_of`; emptied whenever it changes.
    scopes: dict[str, Scope] = field(default_factory=dict, repr=False)

    def clone(self) -> State:
        return State(
            self.world,
            self.parent.copy(),
            self.contents.copy(),
            self.manner.copy(),
            self.opened.copy(),
            self.locked.copy(),
            self.hidden.copy(),
            self.lit.copy(),
            self.dead.copy(),
            self.health.copy(),
            self.boosts.copy(),
            self.following.copy(),
            self.blocking.copy(),
            self.mood.copy(),
            self.role.copy(),
            self.flags.copy(),
            self.fired.copy(),
            self.quests.copy(),
            self.score,
            self.xp,
            self.rewards.copy(),
            self.ended,
            self.turn,
            self.rng,
        )

    # -- change -------------------------------------------------------------------------------

    def move(self, thing: str, to: str, manner: Manner = "in") -> None:
        """Put `thing` into `to` (a room, item, character or NOWHERE)."""
        old = self.parent[thing]
        if old != to:
            self.contents[old] = tuple(t for t in self.contents[old] if t != thing)
            rank = self.world.order.__getitem__
            self.contents[to] = tuple(sorted((*self.contents[to], thing), key=rank))
            self.parent[thing] = to
        if manner == "in":
            self.manner.pop(thing, None)
        else:
            self.manner[thing] = manner

    def roll(self, sides: int) -> int:
        """A number from 0 to `sides` - 1 (SplitMix64 over the counter)."""
        self.rng = (self.rng + 0x9E3779B97F4A7C15) & MASK64
        z = self.rng
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
        return (z ^ (z >> 31)) % sides

    # -- questions ----------------------------------------------------------------------------

    def room_of(self, id: str) -> str:
        """The room a thing is in, through whatever holds it (NOWHERE if it is in none)."""
        rooms = self.world.rooms
        while id not in rooms and id != NOWHERE:
            id = self.parent[id]
        return id

    def holder_of(self, id: str) -> str | None:
        """The character who has the thing, directly or inside something they carry."""
        id = self.parent[id]
        while id in self.parent:
            if id in self.world.characters:
                return id
            id = self.parent[id]
        return None

    def stat(self, character: str, name: str) -> int:
        """A character's stat with the boosts that reactions gave (equipment not counted)."""
        if name == "health":
            return self.health[character]
        base: int = getattr(self.world.characters[character], name)
        return base + self.boosts.get((character, name), 0)

    def load(self, holder: str) -> int:
        """Total size of what is directly in, on or carried by `holder`."""
        thing = self.world.thing
        return sum(thing(t).size for t in self.contents[holder])

    def mood_of(self, character: str) -> str:
        return self.mood.get(character) or self.world.characters[character].mood

    def digest(self) -> str:
        """128 bits, in hex, over everything that changes and the world's own hash."""
        h = hashlib.blake2b(self.world.hash.encode(), digest_size=16)
        for part in (
            sorted(self.parent.items()),
            sorted(self.manner.items()),
            sorted(self.opened),
            sorted(self.locked),
            sorted(self.hidden),
            sorted(self.lit),
            sorted(self.dead),
            sorted(self.health.items()),
            sorted(self.boosts.items()),
            sorted(self.following.items()),
            sorted(self.blocking.items()),
            sorted(self.mood.items()),
            sorted(self.role.items()),
            sorted(self.flags.items()),
            sorted(self.fired.items()),
            sorted(self.quests.items()),
            sorted(self.rewards.items()),
            (self.score, self.xp, self.ended, self.turn, self.rng),
        ):
            h.update(repr(part).encode())
        return h.hexdigest()
