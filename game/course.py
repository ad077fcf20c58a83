"""The course of a game: its turns and branches, going back among them, and saving it all."""

from __future__ import annotations

from pathlib import Path

from game.engine.events import Action, Event
from game.engine.model import State
from game.engine.roles import DIRECT
from game.engine.rules import Entry
from game.errors import SaveError
from game.memory.notebook import Notebook
from game.moment import Moment, Moments
from game.position import Position
from game.saves import Claim, Save, read_save, save_path, write_save
from game.timeline import ROOT, Timeline

AUTOSAVE = "autosave"
#: What replaying a save that was tampered with can come to.
_BROKEN = (ValueError, LookupError, TypeError, AttributeError)


class Course(Position):
    """A position in a timeline, kept in `saves` (None: nowhere) after every turn if `autosave`.

    `seed` is the game's number; `brief` leaves out descriptions that were read before.
    """

    seed: int
    saves: Path | None
    autosave: bool
    brief: bool
    quitting: bool
    timeline: Timeline
    notebook: Notebook
    #: The roles that characters were given since the last turn, by whom they are for: the next turn
    #: begins with them, and its entries hold them.
    directions: dict[str, str]

    def _begin_course(self) -> None:
        self.directions = {}
        self._trouble = ""
        self._claim: Claim | None = None
        self._begin(self.seed)
        self._begin_timeline(Timeline())

    @property
    def number(self) -> int:
        """Turns that have passed in the world."""
        return self.state.turn

    @property
    def journal(self) -> list[Entry]:
        """What everybody has done from the beginning to now."""
        return self.timeline.journal()

    # -- going back ---------------------------------------------------------------------------

    def undo(self) -> Action | None:
        """Take the player's last turn back; returns what they had done, None for nothing."""
        undone = self.timeline.undo()
        if undone is None:
            return None
        self._moments.forget(undone.id)
        self._return()
        self.directions = {
            str(who): str(action.text)
            for who, action in undone.entries
            if action is not None and action.verb == DIRECT
        }
        return undone.entries[0][1]

    def go_to(self, node: int) -> None:
        """Be where the game was after that node of the timeline, on a branch that leads there."""
        self.timeline.go(node)
        self._return()

    def switch(self, branch: str, depth: int | None = None) -> bool:
        """Be on another branch, after `depth` turns (default: at its end); False: it has fewer."""
        if not self.timeline.switch(branch, depth):
            return False
        self._return()
        return True

    def _return(self) -> None:
        """Make the game what it was where the timeline now is, and keep that."""
        self.directions = {}
        self._stand_at(self.timeline)
        self.keep()

    def _stand_at(self, timeline: Timeline) -> None:
        missing = []
        for node in timeline.above(timeline.at):
            if node in self._moments:
                self._be(self._moments[node])
                break
            missing.append(timeline.nodes[node])
        for turn in reversed(missing):
            self._moments.put(turn.parent, turn.depth - 1, self._moment())
            self._replay(turn.entries)

    def go_on_from(self, state: State) -> None:
        """Play on from a state that was made elsewhere: nothing before it can be undone or kept."""
        self.state = state
        self._begin_timeline(Timeline())

    def _begin_timeline(self, timeline: Timeline) -> None:
        """From now on `timeline` is the game's; the game is as it is at its root."""
        self.timeline = timeline
        self._moments = Moments()
        self._look_around()
        self._moments.put(ROOT, 0, self._moment())

    # -- saving -------------------------------------------------------------------------------

    def save(self, name: str) -> None:
        """Write the game to the save `name`. Raises SaveError."""
        write_save(
            self.save_file(name),
            Save(
                world=self.world.id,
                world_hash=self.world.hash,
                seed=self.seed,
                digest=self.state.digest(),
                turn=self.number,
                room=self.world.name(self.state.parent[self.player]),
                timeline=self.timeline,
                extra={
                    "cast": self.cast.memory() if self.cast else None,
                    "heard": {who: list(map(list, seen)) for who, seen in self._heard.items()},
                    "brief": self.brief,
                    "notebook": self.notebook.as_json(),
                    "directions": self.directions,
                },
            ),
        )

    def save_file(self, name: str) -> Path:
        """Where the save `name` is, or would be. Raises SaveError."""
        if self.saves is None:
            raise SaveError("This game keeps no saves.", "Start it without a pipe to save it.")
        return save_path(self.saves, self.world.id, name)

    def restore(self, name: str) -> None:
        """Go on from the save `name`, with all its turns to undo and all its branches.

        The branches of the game so far stay, if it is one game (world and seed). Raises SaveError,
        and then the game is as it was.
        """
        save = read_save(self.save_file(name))
        if save.world_hash != self.world.hash:
            raise SaveError(
                f"The world {self.world.id!r} has changed since {name!r} was saved.",
                "Put the old world file back to go on with it, or start again with --new.",
            )
        before = (self._moment(), self.timeline, self._moments, self.seed)
        try:
            self._take_up(save)
        except BaseException as error:
            now, self.timeline, self._moments, self.seed = before
            self._be(now)
            if not isinstance(error, _BROKEN):
                raise
            raise SaveError(
                f"The save {name!r} does not lead to the state it was saved in.",
                "It was changed, or made by another version. The game goes on as it was.",
            ) from error

    def _take_up(self, save: Save) -> None:
        timeline = save.timeline
        if save.seed == self.seed and len(self.timeline.nodes) > 1:
            timeline = self.timeline.copy()
            timeline.graft(save.timeline)
        self.seed = save.seed
        first = Moment(self.world.initial_state(save.seed), {}, {}, {})
        self._be(first)
        self._begin_timeline(timeline)
        self._stand_at(timeline)
        if self.state.digest() != save.digest:
            raise ValueError("another state")
        # As it was saved, for who remembers in another way than the version that saved it.
        self._heard = {
            who: tuple(Event(*fields) for fields in seen)
            for who, seen in save.extra.get("heard", {}).items()
        }
        if self.cast is not None and save.extra.get("cast") is not None:
            self.cast.restore(save.extra["cast"])
        self.brief = bool(save.extra.get("brief"))
        self.directions = dict(save.extra.get("directions", {}))
        self.notebook.take_up(save.extra.get("notebook", {}))

    def has_autosave(self) -> bool:
        return self.saves is not None and save_path(self.saves, self.world.id, AUTOSAVE).exists()

    def resume(self) -> bool:
        """Go on from the last autosave, if there is one. Raises SaveError when it is no good."""
        if not self.has_autosave():
            return False
        self.restore(AUTOSAVE)
        return True

    def keep(self) -> list[str]:
        """Write the autosave; returns what the player should hear of that, each trouble once."""
        if not self.autosave or self.saves is None:
            return []
        said = []
        if self._claim is None:
            self._claim = Claim(self.saves, self.world.id, AUTOSAVE)
            if self._claim.name != AUTOSAVE:
                said.append(
                    f"[Another game of this world is open: this one is kept as "
                    f"{self._claim.name!r}. To go on with it later: restore {self._claim.name}]"
                )
        try:
            self.save(self._claim.name)
        except SaveError as error:
            told, self._trouble = self._trouble, str(error)
            return said if told == self._trouble else [*said, self._trouble]
        self._trouble = ""
        return said

    def leave(self) -> list[str]:
        """End the game, saved; returns what went wrong with that."""
        self.quitting = True
        told = self.keep()
        return told or ([self._trouble] if self._trouble else [])

    def close(self) -> None:
        """Let another game have the autosave."""
        if self._claim is not None:
            self._claim.release()
            self._claim = None
