"""Format 1 of world files, as pydantic models: the one definition of what an author may write."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from game.authoring.patterns import Conditions, Consequences, PatternSpec
from game.authoring.spec import (
    Count,
    Energy,
    Id,
    Many,
    Name,
    PlayedRole,
    Ref,
    RoomRef,
    Short,
    Small,
    Spec,
    StartPlace,
    Text,
    Times,
)

Names = Many[Name]
Tags = Many[Id]
KeyRefs = Annotated[Many[str], Ref(("item",))]
EXIT_PATTERN = r"^[a-z][a-z0-9' -]*$"
ExitName = Annotated[str, Field(pattern=EXIT_PATTERN, max_length=40)]


class VariantSpec(Spec):
    """A description for a state of the world."""

    if_: Conditions = Field(alias="if", description="Conditions that must all hold.")
    text: Text = Field(description="What is told then.")


Variants = Many[VariantSpec]
_VARIANTS = "Told instead of the description: the first whose conditions all hold."


class ExitSpec(Short):
    """A way out of a room: the room it leads to, or a mapping with these fields."""

    main: ClassVar[str] = "to"
    to: RoomRef = Field(description="The room it leads to.")
    label: Name = Field("", description="What is seen: 'a crooked stair'.")
    description: Text = Field("", description="What is told to one who examines it.")
    variants: Variants = Field([], description=_VARIANTS)
    names: Names = Field([], description="Other words the player may use for it.")
    door: Annotated[str, Ref(("door",))] | None = Field(None, description="The door that bars it.")
    hidden: bool = Field(False, description="Not seen until it is searched for or revealed.")
    one_way: bool = Field(False, description="There is no way back, on purpose.")
    extra: Extra = {}


class ContainerSpec(Short):
    """What an item can hold in it: the capacity alone, `true`, or a mapping with these fields."""

    main: ClassVar[str] = "capacity"
    bare: ClassVar[bool] = True
    capacity: Count = Field(10, description="The total size of what fits in.")
    closed: bool | None = Field(
        None, description="Starts shut. Given at all, it can open and shut."
    )
    locked: bool = Field(False, description="Starts shut and locked.")
    key: KeyRefs = Field([], description="The item or items that lock and unlock it.")
    transparent: bool = Field(False, description="What is in it is seen while it is shut.")


class SurfaceSpec(Short):
    """What an item can hold on it: the capacity alone, `true`, or a mapping with this field."""

    main: ClassVar[str] = "capacity"
    bare: ClassVar[bool] = True
    capacity: Count = Field(20, description="The total size of what fits on.")


#: What an importer keeps and an exporter wants back. The loader only bounds its size and depth.
Extra = Annotated[
    dict[str, Any],
    Field(description="What another format knows of it, kept for export; the game ignores it."),
]

BasedOn = Annotated[
    Id | None, Field(description="A prototype: its fields are this one's, unless written here.")
]


class NamedSpec(Spec):
    based_on: BasedOn = None
    name: Name = Field(
        "",
        description="What it is called. A leading a, an, the or some is its article; the id's "
        "words if not given.",
    )
    article: Literal["a", "an", "the", "some", ""] | None = Field(
        None, description="The word before the name; empty for a proper name."
    )
    plural: bool = Field(False, description="They are rather than it is.")
    names: Names = Field([], description="Other words the player may use.")
    description: Text = Field("", description="What is told to one who examines it.")
    variants: Variants = Field([], description=_VARIANTS)
    background: Text = Field("", description="Lore for the narrator, never shown as it is.")
    tags: Tags = Field([], description="Words that patterns can match.")
    extra: Extra = {}


class ThingSpec(NamedSpec):
    """What doors and other items have in common."""

    hidden: bool = Field(False, description="Not seen until it is searched for or revealed.")


class DoorSpec(ThingSpec):
    """A door: it stands wherever an exit names it as its `door`."""

    closed: bool = Field(True, description="Starts shut.")
    locked: bool = Field(False, description="Starts shut and locked.")
    key: KeyRefs = Field([], description="The item or items that lock and unlock it.")


class ItemSpec(ThingSpec):
    """A thing."""

    in_: StartPlace | None = Field(
        None,
        alias="in",
        description="Where it is: a room, a container, a surface, a character, or `nowhere` until "
        "a reaction brings it. Not for items nested where they are.",
    )
    size: Count = Field(1, description="How much room it takes.")
    value: Count = Field(0, description="What it is worth.")
    fixed: bool | Text = Field(False, description="Cannot be taken: true, or what to say then.")
    container: ContainerSpec | None = Field(None, description="Things go in it.")
    surface: SurfaceSpec | None = Field(None, description="Things go on it.")
    items: dict[Id, ItemSpec] = Field({}, description="The things in or on it, by id.")
    wearable: Id | None = Field(
        None, description="Where it is worn: head, body, hands, feet, neck, ..."
    )
    armour: Small | None = Field(None, description="Defense it gives when worn (or wielded).")
    weapon: Small | None = Field(None, description="Damage it adds when wielded.")
    wieldable: bool = Field(False, description="Can be wielded, though it is no weapon.")
    food: Energy | None = Field(None, description="Can be eaten: the health it gives, or true.")
    drink: Energy | None = Field(None, description="Can be drunk: the health it gives, or true.")
    light: Literal["lit", "unlit"] | None = Field(None, description="Gives light when lit.")


class BeingSpec(NamedSpec):
    """What the player and the other characters have in common."""

    pronoun: Literal["he", "she", "it", "they"] = Field("they", description="he, she, it, they.")
    persona: Text = Field("", description="Who they are, in the first person.")
    voice: Text = Field("", description="A note for the narrator on how they speak.")
    mood: Name = Field("calm", description="How they feel at the start.")
    goals: Many[Text] = Field([], description="What they want.")
    role: PlayedRole | None = Field(
        None, description="The role they play, one of `roles`, or weights of several."
    )
    size: Count = Field(20, description="How much room they take.")
    capacity: Count = Field(20, description="The total size of what they can carry.")
    health: Annotated[int, Field(ge=1, le=1000)] = Field(
        10, description="How much they can take; also the most that healing brings back."
    )
    strength: Small = Field(0, description="Helps to hit and to hold on.")
    dexterity: Small = Field(0, description="Helps to dodge, to steal and to slip past.")
    damage: Small = Field(1, description="What their bare hands do.")
    defense: Small = Field(0, description="What their bare skin stops.")
    max_worn: Count = Field(4, description="How many things they can wear at once.")
    max_wielded: Count = Field(2, description="How many things they can wield at once.")
    carrying: dict[Id, ItemSpec] = Field({}, description="What they carry, by id.")
    wearing: dict[Id, ItemSpec] = Field({}, description="What they wear, by id.")
    wielding: dict[Id, ItemSpec] = Field({}, description="What they wield, by id.")


class PlayerSpec(BeingSpec):
    """The player's own character."""

    start: RoomRef = Field(description="The room where the game begins.")


class CharacterSpec(BeingSpec):
    """Somebody else."""

    in_: RoomRef | None = Field(
        None, alias="in", description="The room they are in. Not for those nested in theirs."
    )
    knowledge: Many[Text] = Field([], description="What they can talk about, in sentences.")
    greeting: Text = Field("", description="What they say to one they meet.")
    speed: Annotated[int, Field(ge=0, le=10)] = Field(5, description="0 never walks; 10 often.")
    aggression: Annotated[int, Field(ge=0, le=10)] = Field(
        0, description="How readily they strike those whom they may attack."
    )
    attacks: Tags = Field([], description='Tags of those attacked on sight; "player" for you.')
    pacifist: bool = Field(False, description="Never strikes.")
    refuses_gifts: bool = Field(False, description="Takes nothing that is given.")
    move_cost: Count = Field(0, description="The health a move takes.")
    tether: Count | None = Field(None, description="The farthest they stray from home, in rooms.")
    energy: Small = Field(0, description="The health that eating their body gives.")


class RoomSpec(Spec):
    """A room: a place with exits."""

    based_on: BasedOn = None
    name: Name = Field("", description="Its title; the id's words if not given.")
    description: Text = Field("", description="What is told to one who looks: two or three lines.")
    variants: Variants = Field([], description=_VARIANTS)
    voice: Text = Field("", description="A note on tone for the narrator while here.")
    names: Names = Field([], description="Other words the player may use to go there.")
    exits: dict[ExitName, ExitSpec] = Field(
        {}, description="The ways out: a compass direction or any short name, and where it leads."
    )
    dark: bool = Field(False, description="Nothing is seen without a light.")
    capacity: Count = Field(100_000, description="The total size of what it can hold.")
    tags: Tags = Field([], description="Words that patterns can match.")
    background: Text = Field("", description="Lore for the narrator, never shown as it is.")
    items: dict[Id, ItemSpec] = Field({}, description="The things here, by id.")
    characters: dict[Id, CharacterSpec] = Field({}, description="Those who are here, by id.")
    extra: Extra = {}


class ReactionSpec(Spec):
    """When an event matches `on` and all of `if` holds, `do` happens."""

    on: PatternSpec = Field(description="The event to wait for.")
    if_: Conditions = Field([], alias="if", description="Conditions that must all hold.")
    do: Consequences = Field(description="What happens, in order.")
    times: Times = Field(1, description="How often it may happen; `always` for no limit.")


class HintSpec(Short):
    """A hint: its text, or a mapping with these fields."""

    main: ClassVar[str] = "text"
    text: Text = Field(description="What the player is told who asks for one.")
    if_: Conditions = Field([], alias="if", description="Conditions that must all hold.")


class GoalSpec(Spec):
    """One step of a quest."""

    text: Text = Field(description="What the player is told to do.")
    on: PatternSpec = Field(description="The event that reaches it.")
    if_: Conditions = Field([], alias="if", description="Conditions that must all hold.")
    count: Annotated[int, Field(ge=1)] = Field(1, description="How many such events it takes.")
    hints: Many[HintSpec] = Field(
        [], description="What `hint` tells, one more each time, of those whose conditions hold."
    )


class QuestSpec(Spec):
    """Goals, in any order, and what reaching them all brings."""

    name: Name = Field(description="What the player knows it by.")
    description: Text = Field("", description="What it is about, for the list of goals.")
    goals: Annotated[dict[Id, GoalSpec], Field(min_length=1)] = Field(
        description="What there is to reach, in any order, by id."
    )
    active: bool = Field(True, description="Begins with the game, not by `start`.")
    score: Count = Field(0, description="Points for completing it.")
    xp: Count = Field(0, description="Experience for completing it.")
    then: Consequences = Field([], description="What happens when all goals are reached.")
    hints: Many[HintSpec] = Field([], description="What `hint` tells from then on.")


class RewardSpec(Spec):
    """Something that a role is rewarded for doing."""

    on: PatternSpec = Field(description="The deed; its actor is whoever plays the role.")
    if_: Conditions = Field([], alias="if", description="Conditions that must all hold.")
    amount: int | float = Field(1, description="What it is worth; negative to punish.")
    times: Times = Field(1, description="How often it counts; `always` for no limit.")
    each: Literal["item", "target", "room", "to"] | None = Field(
        None, description="Count `times` for each different item, target, room or place."
    )


class RoleSpec(Spec):
    """A character type: what whoever plays it wants."""

    description: Text = Field(
        "", description="What they want, told to whoever plays it: You are ..."
    )
    rewards: dict[Id, RewardSpec] = Field({}, description="What they are rewarded for, by id.")


class EndingSpec(Spec):
    """A way for the game to end. `death` comes by itself when the player dies."""

    name: Name = Field("", description="What the ending is called.")
    text: Text = Field(description="What the player is told.")
    on: PatternSpec | None = Field(
        None, description="The event that ends it; none if only by `end`."
    )
    if_: Conditions = Field([], alias="if", description="Conditions that must all hold.")
    won: bool = Field(True, description="Whether the game is won.")
    score: int = Field(0, description="What it adds to the score.")


class LoreSpec(Spec):
    """Something the narrator may know about rooms, things and people, never shown as it is."""

    about: Annotated[Many[str], Ref(("room", "item", "character"), ("player",))] = Field(
        description="The rooms, things and people it is about."
    )
    text: Text = Field(description="A sentence or two.")
    if_: Conditions = Field([], alias="if", description="Conditions that must all hold.")


class WorldSpec(Spec):
    """A world of Limelight, format 1."""

    format: Literal[1] = Field(description="The version of the format: 1.")
    id: Id | None = Field(None, description="A short name; the folder's if not given.")
    title: Name = Field(description="The world's name.")
    author: Name = Field("", description="Who wrote it.")
    intro: Text = Field("", description="What the player reads first.")
    voice: Text = Field("", description="A note on tone for the narrator.")
    include: Many[str] = Field([], description="Other files in this folder to read.")
    player: PlayerSpec = Field(description="Who you are, what you have and where you start.")
    rooms: Annotated[dict[Id, RoomSpec], Field(min_length=1, description="The places, by id.")]
    doors: dict[Id, DoorSpec] = Field({}, description="What exits name as their `door`, by id.")
    items: dict[Id, ItemSpec] = Field({}, description="Things not nested where they are.")
    characters: dict[Id, CharacterSpec] = Field({}, description="Those not nested in a room.")
    reactions: dict[Id, ReactionSpec] = Field({}, description="What follows from events.")
    quests: dict[Id, QuestSpec] = Field({}, description="What there is to achieve.")
    roles: dict[Id, RoleSpec] = Field({}, description="Character types and their rewards.")
    endings: dict[Id, EndingSpec] = Field(
        {}, description="How the game ends: the first, in order, that matches."
    )
    lore: dict[Id, LoreSpec] = Field({}, description="What the narrator may know, by id.")
    prototypes: dict[Id, dict[str, Any]] = Field(
        {}, description="Fields that rooms, things and people can be `based_on`, by id."
    )
    flags: dict[Id, bool | int | str] = Field({}, description="What the world remembers.")
    extra: Extra = {}


def fields_of(model: type[Spec]) -> list[str]:
    """The names an author knows a model's fields by."""
    return [field.alias or name for name, field in model.model_fields.items()]


def model_at(path: tuple[Any, ...], top: type[Spec] = WorldSpec) -> type[Spec] | None:
    """The model that a path of keys and indices leads to; None when it leads to a plain value."""
    kind: Any = top
    for part in path:
        if isinstance(kind, type) and issubclass(kind, Spec):
            fields = {f.alias or name: f.annotation for name, f in kind.model_fields.items()}
            kind = fields.get(str(part))
        else:
            kind = (get_args(kind) or (None,))[-1]
        kind = _bare(kind)
    return kind if isinstance(kind, type) and issubclass(kind, Spec) else None


def _bare(kind: Any) -> Any:
    """A type without its marks and without `| None`."""
    while True:
        if hasattr(kind, "__metadata__"):
            kind = kind.__origin__
        elif type(None) in get_args(kind):
            kind = next(side for side in get_args(kind) if side is not type(None))
        else:
            return kind
