"""`hint`: from what there is to aim for to the very command, a step more with each repeat.

The author's hints come first. Where a quest has none, a search over the real rules finds a way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from game.engine.conditions import true_hints
from game.engine.events import Action
from game.engine.model import State
from game.engine.reactions import Goal, Quest
from game.engine.rules import apply, canonical
from game.narrator.grammar import capitalise, full_stop, join
from game.narrator.names import the
from game.narrator.replies import subject_words

if TYPE_CHECKING:
    from game.session import Session

#: Situations that the searches for a way on with one quest look at, at most.
SEARCH = 2_000
#: What is only hinted at when nothing gentler helps.
ROUGH = frozenset({"hit", "steal"})
MORE = " (hint again for more)"
OTHERS = " (hint and a word of another goal for that one)"


@dataclass(slots=True)
class Hinted:
    """What was last hinted at, and how plainly (from 0): `key` is the deed that it is all about.

    Of the author's hints, `goal` is whose was told last, and `told` are all that were.
    """

    quest: str = ""
    key: Action | None = None
    level: int = 0
    goal: str = ""
    told: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to get on with a quest: its actions, and the first of them that is not walking."""

    quest: Quest
    actions: tuple[Action, ...]
    key: Action
    room: str


def hint(session: Session, argument: str) -> str:
    state = session.state
    if state.ended is not None:
        return "The story is over. undo takes the last turn back; history shows the others."
    last = session.hinted
    aims = _aims(state)
    if aims:
        return _authored(session, argument, aims)
    way = _way(session)
    if way is None:
        session.hinted = Hinted(told=last.told)
        return _unexplored(session)
    level, text = 0, ""
    if (last.quest, last.key) == (way.quest.id, way.key):
        before = _LEVELS[last.level](session, way)
        level, text = last.level, before
        # A level that has nothing new to say here is passed over.
        while text == before and level < len(_LEVELS) - 1:
            level += 1
            text = _LEVELS[level](session, way)
    session.hinted = Hinted(way.quest.id, way.key, level, told=last.told)
    more = "" if level == len(_LEVELS) - 1 else MORE
    return (text or _LEVELS[level](session, way)) + more


@dataclass(frozen=True, slots=True)
class _Aim:
    """Something that the author has hints for: a goal, or what is left to do after a quest."""

    id: str
    about: str
    text: str
    hints: list[str]


def _aims(state: State) -> list[_Aim]:
    """What there are hints of the author's for that hold now, the most pressing first."""
    now = state.clone()  # a condition may draw from the dice
    last, aims = [], []
    for quest in state.world.quests.values():
        standing = state.quests.get(quest.id)
        if standing == "done":
            last.append(_Aim(quest.id, quest.name, "", true_hints(now, quest.hints)))
        for goal in quest.goals if standing == "active" else ():
            if _is_open(state, quest, goal):
                about = f"{goal.id} {goal.text} {quest.name}"
                id = f"{quest.id}:{goal.id}"
                aims.append(_Aim(id, about, goal.text, true_hints(now, goal.hints)))
    return [aim for aim in (*last, *aims) if aim.hints]


def _is_open(state: State, quest: Quest, goal: Goal) -> bool:
    return state.fired.get(f"{quest.id}:{goal.id}", 0) < goal.count


def _authored(session: Session, argument: str, aims: list[_Aim]) -> str:
    """The next hint of the author's, for the aim that `argument` names or the one gone on with."""
    last = session.hinted
    chosen = next((aim for aim in aims if aim.id == last.goal), aims[0])
    if not aims[0].text and not last.told.issuperset(aims[0].hints):
        chosen = aims[0]  # what a finished quest leads to is not missed
    if argument:
        about = subject_words(argument)
        scores = [len(about & subject_words(aim.about)) for aim in aims]
        if not any(scores):
            return f'None of your goals is about "{argument}". They are under goals.'
        chosen = aims[scores.index(max(scores))]
    new = [text for text in chosen.hints if text not in last.told]
    text = new[0] if new else chosen.hints[-1]
    aim = f"{chosen.text}\n" if chosen.text and chosen.id != last.goal else ""
    session.hinted = Hinted(goal=chosen.id, told=last.told | {text})
    if len(new) > 1:
        return f"{aim}{text}{MORE}"
    others = len(aims) > 1 and not argument
    return f"{aim}{text}" + (OTHERS if others else "")


def _way(session: Session) -> _Way | None:
    """A way to the next goal of a quest: those taken on come first, gentle ways before others."""
    from game.authoring.solver import next_step  # only who asks for a hint waits for it

    state = session.state
    quests = [q for q in session.world.quests.values() if state.quests.get(q.id) != "done"]
    quests.sort(key=lambda q: q.id not in state.quests)
    # What one was hinted at is gone on with, whatever else has come nearer.
    quests.sort(key=lambda q: q.id != session.hinted.quest)
    for quest in quests:
        for shun in (ROUGH, frozenset[str]()):
            found = next_step(state, quest.id, SEARCH // 2, shun)
            if found.actions:
                return _told_apart(state, quest, found.actions)
    return None


def _told_apart(state: State, quest: Quest, actions: tuple[Action, ...]) -> _Way:
    state, player = state.clone(), state.world.player
    for action in actions:
        if action.verb != "go":
            return _Way(quest, actions, action, state.parent[player])
        apply(state, player, action)
    return _Way(quest, actions, actions[-1], state.parent[player])


def _aim(session: Session, way: _Way) -> str:
    state, quest = session.state, way.quest
    if quest.id not in state.quests:
        return "There is something to be found out that you have not begun with."
    open_goals = [g.text for g in quest.goals if _is_open(state, quest, g) and g.text]
    if not open_goals:
        return full_stop(f"You have set out on this: {quest.name}")
    return full_stop(f"{quest.name}: {open_goals[0]}")


def _place(session: Session, way: _Way) -> str:
    world, room = session.world, way.room
    first = way.actions[0]
    if room == session.state.parent[session.player]:
        if way.key.verb == "go":
            return f"There is a way from here to try: {world.exits[str(way.key.noun)].name}."
        return "You can do something about it where you are."
    if room in session.seen_rooms():
        return full_stop(f"Go to {world.rooms[room].name}")
    return f"Somewhere you have not been: go {world.exits[str(first.noun)].name} to begin with."


def _matter(session: Session, way: _Way) -> str:
    world = session.world
    ids = [id for id in (way.key.noun, way.key.second) if id is not None]
    named = [the(session.state, id) for id in ids if id in world.items or id in world.characters]
    if not named:
        return _place(session, way)
    return full_stop(f"{capitalise(join(named))}: that is what it hangs on")


def _command(session: Session, way: _Way) -> str:
    return f"Try: {canonical(session.world, way.actions[0])}"


_LEVELS = (_aim, _place, _matter, _command)


def _unexplored(session: Session) -> str:
    """What one could do who has nothing to aim for: look where one has not been."""
    state, seen = session.state, session.seen_rooms()
    room = session.world.rooms[state.parent[session.player]]
    ways = [e.name for e in room.exits if e.id not in state.hidden and e.to not in seen]
    if ways:
        return f"You have not been {join(ways, 'or')} yet. Looking at things helps, too."
    return "Nothing presses. Look at what is here, search it, and talk to people; try actions."
