"""Patterns over events, conditions and consequences as an author writes them."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from game.authoring.spec import (
    AnyCharacter,
    AnyHidden,
    AnyItem,
    AnyPlace,
    AnyRoom,
    AnyThing,
    EndingRef,
    FlagRef,
    Many,
    OneOf,
    PlayedRole,
    QuestRef,
    RoleRef,
    Short,
    Small,
    Spec,
    Text,
)

Stat = Literal["health", "strength", "dexterity", "damage", "defense"]
Bonus = Literal["strength", "dexterity", "damage", "defense"]


class MatchSpec(Short):
    """What a field of the event must be: an id or a list of ids, or one of the tests here."""

    main: ClassVar[str] = "id"
    id: Many[str] | None = Field(None, description="One of these ids (or exact words).")
    tag: Many[str] | None = Field(None, description="Anything with one of these tags.")
    contains: Many[str] | None = Field(None, description="Text with one of these words in it.")
    at_least: int | None = Field(None, description="A number that is this or more.")
    not_: MatchSpec | None = Field(None, alias="not", description="Anything but this.")


#: What ids each field of an event may name.
FIELD_KINDS: dict[str, tuple[str, ...]] = {
    "actor": ("character",),
    "item": ("item", "character", "exit", "room"),
    "target": ("item", "character", "exit", "room"),
    "room": ("room",),
    "to": ("room", "item", "character"),
    "exit": (),
    "manner": (),
    "amount": (),
    "text": (),
    "reason": (),
}


class PatternSpec(Spec):
    """An event to wait for: its type, and what its fields must be."""

    event: Many[str] = Field(description="The type of event, or a list of types.")
    actor: MatchSpec | None = Field(None, description="Who did it.")
    item: MatchSpec | None = Field(None, description="The thing it was done with or to.")
    target: MatchSpec | None = Field(None, description="The other person or thing.")
    room: MatchSpec | None = Field(None, description="Where it happened.")
    to: MatchSpec | None = Field(None, description="Where it led.")
    exit: MatchSpec | None = Field(None, description="The way taken: its direction or its words.")
    manner: MatchSpec | None = Field(None, description="How.")
    amount: MatchSpec | None = Field(None, description="How much: use at_least.")
    text: MatchSpec | None = Field(None, description="What was said: use contains.")
    reason: MatchSpec | None = Field(None, description="Why an action was refused.")


# -- conditions -------------------------------------------------------------------------------


class Has(Short):
    main: ClassVar[str] = "item"
    who: AnyCharacter = Field("player", description="Who carries, wears or wields it.")
    item: AnyItem = Field(description="The item.")


class In(Short):
    main: ClassVar[str] = "place"
    thing: AnyThing = Field("player", description="The thing or character.")
    place: AnyPlace = Field(description="The room, or what it is directly in or on.")


class With(Short):
    main: ClassVar[str] = "whom"
    who: AnyCharacter = Field("player", description="One of the two.")
    whom: AnyCharacter = Field(description="The other.")


class Who(Short):
    main: ClassVar[str] = "who"
    who: AnyCharacter = Field(description="The character.")


class OneItem(Short):
    main: ClassVar[str] = "thing"
    thing: AnyItem = Field(description="The item or door.")


class MayHide(Short):
    main: ClassVar[str] = "thing"
    thing: AnyHidden = Field(description="The item, or the exit as room.exit.")


class FlagIs(Short):
    main: ClassVar[str] = "name"
    name: FlagRef = Field(description="The flag.")
    is_: bool | int | str = Field(True, alias="is", description="The value it must have.")


class QuestIs(Spec):
    id: QuestRef = Field(description="The quest.")
    is_: Literal["hidden", "active", "done"] = Field(alias="is", description="How it must stand.")


class MoodIs(Spec):
    who: AnyCharacter = Field(description="The character.")
    is_: str = Field(alias="is", description="The mood, in the words that set it.")


class RoleIs(Short):
    main: ClassVar[str] = "is"
    who: AnyCharacter = Field("player", description="The character.")
    is_: RoleRef = Field(alias="is", description="The role.")


class StatIs(Spec):
    who: AnyCharacter = Field("player", description="The character.")
    name: Stat = Field(description="The stat.")
    at_least: int = Field(description="The least it must be.")


class AtLeast(Short):
    main: ClassVar[str] = "at_least"
    at_least: int = Field(description="The least it must be.")


class Chance(Short):
    main: ClassVar[str] = "percent"
    percent: int = Field(ge=0, le=100, description="How many times in a hundred.")


class ConditionSpec(OneOf):
    """One test on the state of the world."""

    what: ClassVar[str] = "condition"
    has: Has | None = Field(None, description="Someone (the player) carries an item.")
    in_: In | None = Field(None, alias="in", description="A thing (the player) is in a place.")
    wearing: Has | None = Field(None, description="Someone (the player) wears an item.")
    wielding: Has | None = Field(None, description="Someone (the player) wields an item.")
    with_: With | None = Field(None, alias="with", description="Two are in the same room.")
    alive: Who | None = Field(None, description="A character lives.")
    dead: Who | None = Field(None, description="A character is dead.")
    open: OneItem | None = Field(None, description="A door or container is open.")
    locked: OneItem | None = Field(None, description="A door or container is locked.")
    hidden: MayHide | None = Field(None, description="An item or exit is still hidden.")
    lit: OneItem | None = Field(None, description="A light burns.")
    flag: FlagIs | None = Field(None, description="A flag is true, or is the value given.")
    quest: QuestIs | None = Field(None, description="A quest is hidden, active or done.")
    mood: MoodIs | None = Field(None, description="A character is in this mood.")
    role: RoleIs | None = Field(None, description="Someone (the player) plays a role.")
    stat: StatIs | None = Field(None, description="Someone's stat is at least a number.")
    score: AtLeast | None = Field(None, description="The score is at least a number.")
    turn: AtLeast | None = Field(None, description="At least so many turns have passed.")
    chance: Chance | None = Field(None, description="True so many times in a hundred.")
    not_: ConditionSpec | None = Field(
        None, alias="not", description="The condition does not hold."
    )
    any_: list[ConditionSpec] | None = Field(None, alias="any", description="One of these holds.")


# -- consequences -----------------------------------------------------------------------------


class Say(Spec):
    who: AnyCharacter = Field(description="The speaker.")
    text: Text = Field(description="The words, without quotation marks.")


class Tell(Short):
    main: ClassVar[str] = "text"
    text: Text = Field(description="The words.")
    room: AnyRoom | None = Field(
        None, description="Where it is heard; where it happened if not given."
    )


class Move(Spec):
    thing: AnyThing = Field(description="The thing or character.")
    to: AnyPlace = Field(description="The room, container, surface or character.")
    manner: Literal["in", "on", "worn", "wielded"] = Field("in", description="How it is there.")


class AThing(Short):
    main: ClassVar[str] = "thing"
    thing: AnyThing = Field(description="The thing or character.")


class Kill(Short):
    main: ClassVar[str] = "who"
    who: AnyCharacter = Field(description="The character.")
    by: AnyCharacter | None = Field(None, description="Whose deed it is.")


class Heal(Spec):
    who: AnyCharacter = Field("player", description="The character.")
    by: Small = Field(description="How much health.")


class Boost(Spec):
    who: AnyCharacter = Field("player", description="The character.")
    stat: Bonus = Field(description="The stat.")
    by: Small = Field(description="How much; negative to take away.")


class Mood(Spec):
    who: AnyCharacter = Field(description="The character.")
    to: Text = Field(description="The mood, in a word or two.")


class RoleTo(Spec):
    who: AnyCharacter = Field(description="The character.")
    to: PlayedRole = Field(description="The role, or weights of several.")


class SetFlag(Short):
    main: ClassVar[str] = "flag"
    flag: FlagRef = Field(description="The flag.")
    to: bool | int | str = Field(True, description="Its new value.")


class AddFlag(Spec):
    flag: FlagRef = Field(description="The flag, which starts as a number.")
    by: int = Field(1, description="How much; negative to subtract.")


class By(Short):
    main: ClassVar[str] = "by"
    by: Small = Field(description="How much; negative to take away.")


class Start(Short):
    main: ClassVar[str] = "quest"
    quest: QuestRef = Field(description="The quest.")


class Follow(Spec):
    who: AnyCharacter = Field(description="Who follows.")
    whom: AnyCharacter = Field("player", description="Whom they follow.")


class End(Short):
    main: ClassVar[str] = "ending"
    ending: EndingRef = Field(description="The ending.")


class ConsequenceSpec(OneOf):
    """One thing that happens."""

    what: ClassVar[str] = "consequence"
    say: Say | None = Field(None, description="A character says something.")
    tell: Tell | None = Field(None, description="The player is told something, in your words.")
    move: Move | None = Field(
        None, description="A thing goes somewhere: to a room, item or character."
    )
    remove: AThing | None = Field(None, description="A thing goes out of the world.")
    open: OneItem | None = Field(None, description="A door or container is unlocked and opened.")
    close: OneItem | None = Field(None, description="A door or container shuts.")
    lock: OneItem | None = Field(None, description="A door or container shuts and locks.")
    unlock: OneItem | None = Field(None, description="A door or container is unlocked.")
    reveal: MayHide | None = Field(None, description="A hidden item or exit (room.exit) shows.")
    hide: MayHide | None = Field(None, description="An item or exit (room.exit) is hidden.")
    light: OneItem | None = Field(None, description="A light starts to burn.")
    douse: OneItem | None = Field(None, description="A light goes out.")
    kill: Kill | None = Field(None, description="A character dies.")
    heal: Heal | None = Field(None, description="Health gained; a negative number hurts.")
    boost: Boost | None = Field(None, description="A stat goes up or down for good.")
    mood: Mood | None = Field(None, description="A character's mood changes.")
    role: RoleTo | None = Field(None, description="A character takes another role.")
    set: SetFlag | None = Field(None, description="A flag becomes true, or the value given.")
    add: AddFlag | None = Field(None, description="A number is added to a flag.")
    score: By | None = Field(None, description="The player's score goes up.")
    xp: By | None = Field(None, description="The player's experience goes up.")
    start: Start | None = Field(None, description="A quest begins.")
    follow: Follow | None = Field(None, description="A character follows someone.")
    end: End | None = Field(None, description="The game ends.")


Conditions = Many[ConditionSpec]
Consequences = Many[ConsequenceSpec]


def arguments(spec: Spec) -> dict[str, Any]:
    """A condition's or consequence's fields by the names the engine knows them by."""
    return spec.model_dump(by_alias=True, exclude_none=True)
