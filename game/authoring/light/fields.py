"""LIGHT's fields that have an equivalent of ours, one row each, and how values go over and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Field(NamedTuple):
    """`light` is LIGHT's name and `ours` the world file's.

    `default` is what LIGHT takes when the field is missing or null, `usual` what the world file
    does. `read` raises ValueError on a value of the wrong kind.
    """

    light: str
    ours: str
    default: Any
    usual: Any
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]


def flag(value: Any) -> bool:
    """LIGHT writes true/false, 1.0/0.0, and words."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word in ("true", "yes", "1", "1.0"):
            return True
        if word in ("false", "no", "0", "0.0", "", "none", "null"):
            return False
        raise ValueError(value)
    if isinstance(value, bool | int | float):
        return bool(value)
    raise ValueError(value)


def number(value: Any) -> int:
    """A whole number from a number or its digits. Raises ValueError for anything else."""
    if isinstance(value, str):
        value = float(value)
    if not isinstance(value, bool | int | float) or not math.isfinite(value):
        raise ValueError(value)
    return round(value)


def within(low: int, high: int) -> Callable[[Any], int]:
    return lambda value: min(high, max(low, number(value)))


def same(value: Any) -> Any:
    return value


def _size(light: str, ours: str, default: int, usual: int) -> Field:
    return Field(light, ours, default, usual, within(0, 1_000_000), same)


def _stat(light: str, default: int, usual: int) -> Field:
    return Field(light, light, default, usual, within(-1000, 1000), same)


FAR = 1_000_000


def _tether(value: Any) -> int | None:
    steps = within(0, FAR)(value)
    return None if steps >= FAR else steps


AGENT = (
    _size("size", "size", 20, 20),
    Field("health", "health", 2, 10, within(1, 1000), same),
    _stat("strength", 0, 0),
    _stat("dexterity", 0, 0),
    _stat("damage", 1, 1),
    _stat("defense", 0, 0),
    _size("max_wearable_items", "max_worn", 3, 4),
    _size("max_wieldable_items", "max_wielded", 1, 2),
)
#: What only those have whom the player does not play.
NPC = (
    Field("speed", "speed", 5, 5, within(0, 10), same),
    Field("aggression", "aggression", 0, 0, within(0, 10), same),
    Field("pacifist", "pacifist", False, False, flag, same),
    Field("dont_accept_gifts", "refuses_gifts", False, False, flag, same),
    _size("movement_energy_cost", "move_cost", 0, 0),
    Field(
        "max_distance_from_start_location", "tether", FAR, None, _tether,
        lambda steps: FAR if steps is None else steps,
    ),
    Field("food_energy", "energy", 1, 0, within(-1000, 1000), same),
)  # fmt: skip
OBJECT = (
    _size("size", "size", 1, 1),
    _size("value", "value", 1, 0),
)


def equal(one: Any, other: Any) -> bool:
    """Whether LIGHT would see no difference: true is 1 is 1.0, and null is the default."""
    return bool(one == other)


def carry(
    table: tuple[Field, ...],
    raw: Mapping[str, Any],
    note: Callable[[str, str], None],
    has: bool = True,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Our fields that are not as usual, and LIGHT's values that ours do not tell exactly.

    `note` is told of each of the latter: its name and why. With `has` false we have none of the
    table's fields and what is not LIGHT's default is kept.
    """
    ours: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for field in table:
        value = raw.get(field.light)
        if value is None:
            value = field.default
        try:
            found = field.read(value)
        except (ValueError, OverflowError):
            note(field.light, "is not of the kind it should be")
            extra[field.light] = value
            found = field.read(field.default)
        else:
            if has and not equal(field.write(found), value):
                note(field.light, "is out of our range")
                extra[field.light] = value
        if not has:
            if not equal(value, field.default):
                note(field.light, "is not for the player's own character")
                extra[field.light] = value
        elif found != field.usual:
            ours[field.ours] = found
    return ours, extra


def restore(table: tuple[Field, ...], ours: Any, extra: Mapping[str, Any]) -> dict[str, Any]:
    """LIGHT's values for a specification of ours: what was kept where it still says the same."""
    found: dict[str, Any] = {}
    for field in table:
        if not hasattr(ours, field.ours):
            found[field.light] = extra.get(field.light, field.default)
            continue
        value = getattr(ours, field.ours)
        found[field.light] = field.write(value)
        if field.light in extra and _reads_as(field, extra[field.light], value):
            found[field.light] = extra[field.light]
    return found


def _reads_as(field: Field, kept: Any, value: Any) -> bool:
    try:
        return bool(field.read(kept) == value)
    except (ValueError, OverflowError):
        return bool(field.read(field.default) == value)
