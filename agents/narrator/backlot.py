"""Small sets to rehearse on: worlds put together from lists, for scenes that no shipped world has.

The names are of this project's own making. A set is a function of its seed, so that a scene can be
found again from (seed, step).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from game.engine.model import OPPOSITE, Character, Exit, Item, Manner, Room, State, World
from game.engine.perception import perceived
from game.engine.rules import admissible, apply, pass_turn
from game.engine.verbs import VERBS
from game.narrator.plain import tell
from game.narrator.prompt import family_of
from game.narrator.prose import Script, script_for

ROOMS = """
bakehouse; bell loft; boat shed; brewhouse; buttery; candle works; chapel; cheese room; clock
tower; coal cellar; cooper's yard; counting house; customs hall; dovecote; dye house; ferry
landing; forge; gatehouse; glass house; granary; great hall; greenhouse; guardroom; herb garden;
hop kiln; ice house; infirmary; kennels; laundry; library; lighthouse; malt floor; map room;
mill; mint; music room; nursery; observatory; orchard; paper mill; pigeon loft; potter's shed;
print shop; quarry; rope walk; salt pans; scullery; shipyard; slate roof; smokehouse; stable
yard; still room; tannery; tiltyard; toll house; treasury; vineyard; walled garden; wash house;
well house; wharf; wine cellar; workshop; archive; attic; back stairs; barn; cloister; crypt;
drawbridge; courtyard; crossroads; duck pond; moor; ravine; ridge; sea wall; shingle beach;
water meadow
"""

PEOPLE = """
the bell ringer:he; the beekeeper:she; the bargeman:he; the chandler:she; the clerk:they; the
cobbler:he; the cooper:she; the crossing sweeper:he; the drover:he; the falconer:she; the
farrier:he; the ferrywoman:she; the fiddler:they; the fletcher:she; the gardener:he; the
glazier:she; the goatherd:he; the gravedigger:they; the groom:he; the herbalist:she; the
innkeeper:he; the jailer:he; the jester:they; the lamplighter:she; the laundress:she; the
locksmith:he; the magpie:it; the mapmaker:she; the mason:he; the midwife:she; the miller's
son:he; the monk:he; the night watchman:he; the novice:she; the page:he; the pedlar:they; the
piper:he; the poacher:she; the potter:he; the rat catcher:they; the saddler:he; the scribe:she;
the sentry:they; the shepherd:she; the smuggler:she; the steward:he; the surgeon:she; the
tailor:he; the tinker:they; the town crier:he; the turnkey:she; the usher:he; the weaver:she;
the woodcutter:he; the badger:it; the black dog:it; the goose:it; the ox:it; the wild boar:it;
the billy goat:it; the marsh troll:it; the bandit:he; the highwayman:he; the ogre:it; the giant
rat:it; the grey wolf:it; Ada Quill:she; Barnaby Stook:he; Cressida:she; Dunstan:he; Edda
Marl:she; Fenwick:he; Gunnora:she; Hesper:they; Ivo Lark:he; Jory:he; Keziah Thorn:she;
Linnet:she; Mother Sedge:she; Nicodemus:he; Odile:she; Captain Rusk:she; Perkin:he; Brother
Quince:he; Rosamund:she; Sister Ply:she; Tobit:he; Ursula Vetch:she; Wat Tiler's widow:she;
Young Yarrow:they
"""

THINGS = """
abacus; almanac; amber bead; anvil chisel; awl; ball of twine; bellows; birdcage; blue ribbon;
bone comb; bone flute; book of hours; bottle of ink; brass compass; brass thimble; bundle of
reeds; carved spoon; clay pipe; cow bell; cracked mirror; dead beetle; deck of cards; dried
rose; ear trumpet; feather duster; fish hook; folded letter; garnet brooch; glass eye; glass
marble; gold thimble; goose quill; hand bell; horseshoe; hourglass; ivory die; jar of buttons;
lead weight; length of chain; lump of coal; love letter; lucky acorn; magnifying glass; marked
map; mouse trap; music box; nutmeg grater; oil can; old boot; opal ring; paper crane; pewter
mug; pine cone; pocket watch; porcelain doll; rabbit's foot; rag doll; red kite; roll of
parchment; rope ladder; rusty nail; sack of flour; sealed scroll; seashell; set of scales;
sewing needle; ship in a bottle; silver bell; silver locket; snow globe; spinning top; spyglass;
stuffed owl; tarot card; tax ledger; tea caddy; tin soldier; tin whistle; tobacco pouch; wax
candle end; wax seal; whetstone; wishbone; wooden duck; wool blanket; writing slate
"""

FOODS = """
barley loaf; baked apple; bowl of chestnuts; cheese rind; cold pie; currant bun; dish of pears;
fig cake; hard biscuit; honeycomb; jar of pickles; leek tart; meat pasty; oat cake; plate of
sprats; pot of jam; quince; roast onion; rye crust; salted herring; seed cake; slice of ham;
smoked eel; stewed prunes; wedge of cheese
"""
DRINKS = """
beaker of milk; bottle of perry; cup of mead; flask of brandy; flagon of small beer; goblet of
wine; jug of buttermilk; ladle of broth; mug of cider; pot of nettle tea; thimble of gin
"""
WEAPONS = """
boat hook; bread knife; broken oar; cavalry sabre; cudgel; fire iron; fish spear; flail; hay
fork; hunting knife; iron ladle; mallet; meat cleaver; notched axe; oak staff; pruning hook;
rapier; shovel; sling; short sword
"""
CLOTHES = """
apron:body; bearskin hat:head; blue scarf:neck; felt slippers:feet; fur mittens:hands;
garland:head; grey shawl:body; iron cap:head; leather gloves:hands; nightcap:head; oilskin
coat:body; opera cloak:body; patched jerkin:body; red sash:waist; riding boots:feet; signet
ring:finger; silk stockings:legs; straw hat:head; thimble ring:finger; wooden clogs:feet
"""
BOXES = """
barrel; biscuit tin; blanket chest; bread bin; coal scuttle; corner cupboard; cutlery drawer;
glass cabinet; iron strongbox; jewel case; laundry basket; medicine chest; milk churn; oak
coffer; sea chest; sewing box; tea chest; tool box; travelling trunk; wardrobe
"""
SURFACES = """
altar; bench; bookshelf; butcher's block; chopping board; counter; desk; dresser; hearth;
lectern; mantelpiece; mounting block; rack; shelf; side table; stool; trestle table; window
sill; workbench
"""
LAMPS = "candle lantern; rush light; ship's lamp; storm lantern; tallow candle; torch"
DOORS = """
arched door; barred door; cellar door; garden gate; iron gate; low door; panelled door;
portcullis
"""
KEYS = "bent key; brass key; heavy key; iron key; small key; tarnished key"
SPRINGS = (
    "cask of ale; drinking fountain; horse trough; pump; rain barrel; spring; water butt; well"
)
WAYS = """
the waiting cart; a gap in the hedge; a hatch in the boards; a hole in the panelling; the hoist;
a ladder behind the stack; the ferry; the coach to town; a narrow crack; the rope bridge
"""
#: Sets from here on are wide: they have the dark, armour, drink that does not run out and named
#: ways as well, and all verbs are rehearsed. (The scenes of lower sets are named by the corpus, and
#: stay as they are.)
WIDE = 1000


def names(text: str) -> list[str]:
    """The entries of one of the lists above."""
    return [" ".join(part.split()) for part in text.split(";")]


#: Endings of what is worn in twos.
PAIRS = ("gloves", "boots", "mittens", "clogs", "slippers", "stockings")


def _article(name: str) -> str:
    return "an" if name[0] in "aeiou" else "a"


def build_set(seed: int) -> World:
    """A set of six rooms, six people and some thirty things, all drawn by `seed`."""
    wide = seed >= WIDE
    rng = random.Random(seed)
    rooms = [f"room{n}" for n in range(6)]
    titles = rng.sample(names(ROOMS), 6)
    items: dict[str, Item] = {}
    characters: dict[str, Character] = {}
    places: dict[str, tuple[str, Manner]] = {}

    def add(name: str, **traits: Any) -> str:
        id = f"item{len(items)}"
        article = _article(name)
        plural = name.endswith(PAIRS)
        items[id] = Item(id, name, "some" if plural else article, plural=plural, **traits)
        return id

    exits: dict[str, list[Exit]] = {id: [] for id in rooms}
    doors = rng.sample(names(DOORS), 2)
    ways = rng.sample(["north", "east", "south", "west", "up", "down", "in", "northeast"], 5)
    for n, way in enumerate(ways):
        a, b = rooms[n], rooms[n + 1]
        door = None
        if n in (1, 3):
            key = add(rng.choice(names(KEYS))) if n == 3 else None
            door = add(doors[n // 2], openable=True, open=False, fixed=True, between=(a, b),
                       keys=(key,) if key else ())  # fmt: skip
            if key:
                places[key] = (rng.choice(rooms[:4]), "in")
        for here, there, direction in ((a, b, way), (b, a, OPPOSITE[way])):
            exits[here].append(
                Exit(f"{here}.{direction}", here, there, direction, direction=direction, door=door)
            )
    for kind, count, traits in (
        (THINGS, 10, {}),
        (FOODS, 4, {"food": True, "energy": 3}),
        (DRINKS, 2, {"drink": True, "energy": 1}),
        (WEAPONS, 3, {"wieldable": True, "damage": 2}),
        (LAMPS, 1, {"light": True}),
    ):
        for name in rng.sample(names(kind), count):
            bad = bool(traits) and rng.random() < 0.2 and "energy" in traits
            thing = {**traits, "energy": -2} if bad else traits
            places[add(name, hidden=rng.random() < 0.25, **thing)] = (rng.choice(rooms), "in")
    for entry in rng.sample(names(CLOTHES), 3):
        name, slot = entry.split(":")
        places[add(name, wearable=slot)] = (rng.choice(rooms), "in")
    for name in rng.sample(names(BOXES), 3):
        box = add(name, holds="in", capacity=10, openable=True, open=rng.random() < 0.5, fixed=True)
        places[box] = (rng.choice(rooms), "in")
    for name in rng.sample(names(SURFACES), 3):
        places[add(name, holds="on", capacity=20, fixed=True)] = (rng.choice(rooms), "in")
    containers = [i for i in items.values() if i.holds]
    for id in list(places):
        if not items[id].fixed and rng.random() < 0.35:
            holder = rng.choice(containers)
            places[id] = (holder.id, holder.holds or "in")
    for n, entry in enumerate(rng.sample(names(PEOPLE), 6)):
        name, pronoun = entry.rsplit(":", 1)
        proper = not name.startswith("the ")
        characters[f"person{n}"] = Character(
            f"person{n}", name.removeprefix("the "), "" if proper else "the",
            pronoun=pronoun, health=6, dexterity=rng.randint(-2, 3), capacity=30,  # type: ignore[arg-type]
        )  # fmt: skip
        places[f"person{n}"] = (rng.choice(rooms), "in")
    for id in list(places):
        if id in items and not items[id].fixed and rng.random() < 0.2:
            places[id] = (rng.choice(list(characters)), "in")
    if wide:
        spring = add(rng.choice(names(SPRINGS)), drink=True, energy=rng.choice((0, 1)), fixed=True)
        places[spring] = (rng.choice(rooms), "in")
        for label in rng.sample(names(WAYS), 3):
            here, there = rng.sample(rooms, 2)
            word = label.split()[-1]
            exits[here].append(Exit(f"{here}.{label}", here, there, word, label=label))
        for who in rng.sample(list(characters), 2):
            characters[who] = replace(characters[who], defense=4)
    characters["player"] = Character("player", "stranger", health=40, capacity=60)
    places["player"] = (rooms[0], "in")
    dark = rng.choice(rooms[1:]) if wide else None
    return World(
        id=f"set{seed}",
        title="A Set",
        rooms={
            id: Room(
                id,
                title.title().replace("'S", "'s"),
                exits=tuple(exits[id]),
                dark=id == dark,
            )
            for id, title in zip(rooms, titles, strict=True)
        },
        items=items,
        characters=characters,
        places=places,
        hash=f"set{seed}",
    )


#: What is rehearsed below the wide sets. A closed list, because one verb more would change every
#: later scene of a set, and the corpus names its scenes by their place in the play.
_REHEARSED = frozenset(
    "go follow unfollow block unblock take put drop give steal open close unlock lock light "
    "extinguish wear wield remove eat drink hit hug look examine search point use say tell "
    "whisper shout wait inventory status goals actions applaud blush cry dance frown gasp grin "
    "groan growl laugh nod nudge ponder pout scream shrug sigh smile stare wave wink yawn".split()
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A moment to be told: the state after it and what the narrator is given of it."""

    set: int
    step: int
    family: str
    facts: str
    place: str
    script: Script
    state: State


#: Chance of choosing a verb's actions when they are there: the rare ones come up more often.
_WEIGHTS = {
    "go": 3.0, "take": 2.0, "put": 1.2, "give": 1.2, "steal": 1.5, "wear": 3.0, "wield": 3.0,
    "remove": 2.0, "eat": 3.0, "drink": 3.0, "hit": 1.6, "hug": 0.5, "search": 1.2, "open": 4.0,
    "close": 1.5, "unlock": 8.0, "lock": 4.0, "light": 5.0, "extinguish": 4.0, "drop": 0.6,
    "follow": 0.8, "block": 0.6, "unfollow": 1.0, "unblock": 1.0, "point": 0.3, "wait": 1.0,
}  # fmt: skip


def scenes(set_seed: int, steps: int = 120) -> Iterator[Scene]:
    """What the player perceives in `steps` moves of random play on one set: every tellable beat."""
    wide = set_seed >= WIDE
    world = build_set(set_seed)
    rng = random.Random(set_seed + 1)
    state = world.initial_state(set_seed)
    for step in range(steps):
        here = [c for c in world.characters if state.room_of(c) == state.room_of("player")]
        if wide:  # those next door too, so that somebody may arrive
            here += [c for c in world.characters if c != "player"]
        actor = "player" if rng.random() < 0.75 else rng.choice(here)
        rehearsed = VERBS if wide else _REHEARSED
        actions = [a for a in admissible(state, actor) if a.verb in rehearsed]
        if "player" in state.dead or not actions:
            return
        verbs = sorted({a.verb for a in actions})
        weights = [_WEIGHTS.get(v, 0.12) for v in verbs]
        verb = rng.choices(verbs, weights)[0]
        events = apply(state, actor, rng.choice([a for a in actions if a.verb == verb]))
        mine = perceived(state, "player", events)
        script = script_for(state, mine, tell(state, mine, "player"), "player")
        if script is not None:
            yield Scene(
                set_seed,
                step,
                family_of(script.events),
                " ".join(fact.sentence for fact in script.facts),
                world.rooms[state.parent["player"]].name,
                script,
                state.clone(),
            )
        pass_turn(state)
