"""What may be done and what comes of it: `apply`, `admissible`, and the passing of a turn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from game.engine.consequences import CHANGED_ROLE
from game.engine.events import REFUSED, Action, Event, Reason, define
from game.engine.model import State, World
from game.engine.reactions import react
from game.engine.roles import DIRECT, part_of
from game.engine.scope import scope_of
from game.engine.verbs import VERBS, emotes, verb_named
from game.engine.verbs.base import NO_TEXT, Simple, Verb

TURN_PASSED = define(
    "turn_passed",
    "",
    sense="self",
    doc="A turn went by; `amount` is its number. For timed patterns.",
)

NO_VERB = Reason("no_verb", "That is not something one can do here.")
GAME_OVER = Reason("game_over", "The story is over. Undo, restore a save, or begin again.")
DEAD = Reason("dead", "The dead do very little.")

#: The verbs whose actions depend on the state.
_LISTED: tuple[Verb, ...] = tuple(
    v for v in VERBS.values() if not (v.speech or isinstance(v, Simple | emotes.Emote))
)
#: What can be done anywhere: the verbs that stand alone, and gestures at large.
_ALWAYS: tuple[Action, ...] = (
    *(Action(v.name) for v in VERBS.values() if isinstance(v, Simple)),
    *emotes.gestures_at(None),
)
#: Longest speech, in characters; what is beyond it is cut.
LONGEST_SPEECH = 400


def apply(state: State, actor: str, action: Action) -> list[Event]:
    """Try `action`; change `state` in place and return everything that happened, in order.

    Never raises for an action that is not allowed: that is one "refused" event, and the state is
    unchanged.
    """
    verb = verb_named(action.verb)
    reason = None
    if verb is None and action.verb == DIRECT and action.text and state.ended is None:
        return _directed(state, actor, action.text)
    if verb is None:
        reason = NO_VERB
    elif state.ended is not None:
        reason = GAME_OVER
    elif actor in state.dead:
        reason = DEAD
    if reason is not None:
        return [_refusal(state, actor, action, reason)]
    assert verb is not None
    scope = scope_of(state, actor)
    reason = verb.check(scope, action.noun, action.second)
    if reason is None and verb.speech != bool(action.text):
        reason = NO_TEXT if verb.speech else NO_VERB
    if reason is not None:
        return [_refusal(state, actor, action, reason)]
    events: list[Event] = []

    def happen(**fields: Any) -> None:
        events.append(Event(**fields))

    text = action.text[:LONGEST_SPEECH] if action.text else None
    verb.perform(scope, action.noun, action.second, text, happen)
    if react(state, events) or not verb.idle:
        state.scopes.clear()
    return events


def _directed(state: State, who: str, role: str) -> list[Event]:
    """Let a character play another role from now on; no reaction answers the director.

    Raises ValueError for what says no role.
    """
    part_of(role)
    state.role[who] = role
    state.scopes.clear()
    return [Event(CHANGED_ROLE, who, room=state.room_of(who), text=role)]


def _refusal(state: State, actor: str, action: Action, reason: Reason) -> Event:
    return Event(
        REFUSED,
        actor,
        action.noun,
        action.second,
        state.parent[actor],
        to=reason.other,
        manner=action.verb,
        text=reason.text,
        reason=reason.code,
    )


def admissible(state: State, actor: str) -> tuple[Action, ...]:
    """Every action without free words that `apply` would accept from `actor` now, in a fixed order.

    Exact: nothing listed is refused, and nothing accepted is missing. Speech (say, tell, whisper,
    shout) takes any words and is not listed.
    """
    if state.ended is not None or actor in state.dead:
        return ()
    scope = scope_of(state, actor)
    if scope.actions is not None:
        return scope.actions
    actions: list[Action] = []
    for verb in _LISTED:
        actions.extend(verb.admissible(scope))
    actions.extend(_ALWAYS)
    for person in scope.here:
        actions.extend(emotes.gestures_at(person))
    scope.actions = tuple(actions)
    return scope.actions


def pass_turn(state: State) -> list[Event]:
    """Let the clock advance by one turn and patterns on "turn_passed" answer."""
    state.turn += 1
    events = [Event(TURN_PASSED, state.world.player, amount=state.turn)]
    if state.ended is None and react(state, events):
        state.scopes.clear()
    return events


def canonical(world: World, action: Action) -> str:
    """The command that says exactly this action ("take brass key from oak chest")."""
    verb = verb_named(action.verb)
    if verb is None:
        raise KeyError(action.verb)
    return verb.canonical(world, action)


#: A journal entry: who did what; the actor None stands for the passing of a turn.
Entry = tuple[str | None, Action | None]


def replay(world: World, seed: int, journal: Iterable[Entry]) -> State:
    """The state after a journal: the same world, seed and journal give the same state digest."""
    state = world.initial_state(seed)
    for actor, action in journal:
        if actor is None or action is None:
            pass_turn(state)
        else:
            apply(state, actor, action)
    return state
