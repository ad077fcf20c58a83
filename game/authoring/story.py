"""Patterns, conditions, consequences, quests and roles as the engine has them."""

from __future__ import annotations

import dataclasses
from typing import Any

from game.authoring import patterns, schema
from game.authoring.spec import Spec
from game.engine.conditions import Condition, Variant
from game.engine.consequences import Consequence
from game.engine.events import Match, Pattern
from game.engine.reactions import Goal, Quest, Reward, Role
from game.engine.roles import role_line


def _match(spec: patterns.MatchSpec) -> Match:
    if spec.not_ is not None:
        return dataclasses.replace(_match(spec.not_), negate=True)
    return Match(
        ids=tuple(spec.id or ()),
        tags=tuple(spec.tag or ()),
        contains=tuple(w.lower() for w in spec.contains or ()),
        at_least=spec.at_least,
    )


def pattern(spec: patterns.PatternSpec, **also: Match) -> Pattern:
    where = dict(also)
    for name in patterns.FIELD_KINDS:
        match = getattr(spec, name)
        if match is not None:
            where[name] = _match(match)
    return Pattern(tuple(spec.event), tuple(where.items()))


def _condition(spec: patterns.ConditionSpec) -> Condition:
    if spec.not_ is not None:
        return Condition("not", {"condition": _condition(spec.not_)})
    if spec.any_ is not None:
        return Condition("any", {"conditions": [_condition(c) for c in spec.any_]})
    return Condition(spec.kind, patterns.arguments(spec.value))


def conditions(specs: list[patterns.ConditionSpec]) -> tuple[Condition, ...]:
    return tuple(_condition(c) for c in specs)


def consequences(specs: list[patterns.ConsequenceSpec]) -> tuple[Consequence, ...]:
    return tuple(Consequence(c.kind, _arguments(c)) for c in specs)


def _arguments(spec: patterns.ConsequenceSpec) -> dict[str, Any]:
    arguments = patterns.arguments(_as_spec(spec.value))
    return arguments | {"to": played(arguments["to"])} if spec.kind == "role" else arguments


def played(role: str | dict[str, float] | None) -> str | None:
    """A role or a blend of roles as the state has it."""
    return role_line(role) if isinstance(role, dict) else role


def _as_spec(value: Any) -> Spec:
    assert isinstance(value, Spec)
    return value


def quest(id: str, spec: schema.QuestSpec) -> Quest:
    return Quest(
        id=id,
        name=spec.name,
        description=spec.description,
        goals=tuple(
            Goal(goal, g.text, pattern(g.on), conditions(g.if_), g.count, hints(g.hints))
            for goal, g in spec.goals.items()
        ),
        active=spec.active,
        score=spec.score,
        xp=spec.xp,
        then=consequences(spec.then),
        hints=hints(spec.hints),
    )


def role(id: str, spec: schema.RoleSpec) -> Role:
    myself = Match(ids=("self",))
    return Role(
        id=id,
        description=spec.description,
        rewards=tuple(
            Reward(
                id=reward,
                on=pattern(r.on, actor=myself),
                amount=float(r.amount),
                when=conditions(r.if_),
                times=r.times,
                each=r.each,
            )
            for reward, r in spec.rewards.items()
        ),
    )


def hints(specs: list[schema.HintSpec]) -> tuple[Variant, ...]:
    return tuple(Variant(conditions(h.if_), h.text) for h in specs)


def variants(specs: list[schema.VariantSpec]) -> tuple[Variant, ...]:
    return tuple(Variant(conditions(v.if_), v.text) for v in specs)
