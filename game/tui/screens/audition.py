"""The audition: two tellings of one turn side by side, and the player says which is better."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from game.audition import ASKED
from game.errors import GameError, ModelUnavailable
from game.front.text import one_line
from game.narrator.adapters import called

if TYPE_CHECKING:
    from game.audition import Audition, Choice, Pair, Versions
    from game.front.stage import Stage

#: How many turns are told again at the most.
MOST = 60
#: Hands the stage, on the thread that owns it, to what is given.
Lend = Callable[[Callable[["Stage", threading.Event], None]], None]


class AuditionScreen(ModalScreen[None]):
    """Plays an audition with the game's own model, which the game has back between two pairs."""

    DEFAULT_CSS = """
    AuditionScreen { align: center middle; background: $background 60%; }
    AuditionScreen #audition {
        width: 92; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        background: $panel; color: $foreground;
    }
    AuditionScreen #heading { color: $primary; text-style: bold; margin-bottom: 1; }
    AuditionScreen #facts { color: $quiet; margin-bottom: 1; }
    AuditionScreen #pair { height: auto; }
    AuditionScreen .telling { width: 1fr; height: auto; padding: 0 1; }
    AuditionScreen #keys { color: $quiet; margin-top: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,l,1", "choose('left')", "Left"),
        Binding("right,r,2", "choose('right')", "Right"),
        Binding("n,0,space", "choose('neither')", "Neither"),
        Binding("escape,q,s", "stop", "Stop"),
    ]

    class Heard(Message):
        """The next pair is told; None: there is none left."""

        def __init__(self, pair: Pair | None) -> None:
            super().__init__()
            self.pair = pair

    class Failed(Message):
        """The audition cannot go on."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    def __init__(self, lend: Lend, versions: Versions, candidate: str | None = None) -> None:
        super().__init__()
        self._lend, self._versions, self._wanted = lend, versions, candidate
        self._hearing: Audition | None = None
        self._pair: Pair | None = None
        self._over = False

    def compose(self) -> ComposeResult:
        with Vertical(id="audition"):
            yield Static(f"Which telling is better? {ASKED}", id="heading")
            yield Static("Looking for turns of yours …", id="facts", markup=False)
            with Horizontal(id="pair"):
                yield Static("", id="left", classes="telling", markup=False)
                yield Static("", id="right", classes="telling", markup=False)
            yield Static("Esc stop", id="keys", markup=False)

    def on_mount(self) -> None:
        self._ask()

    # -- on the thread that plays -------------------------------------------------------------

    def _ask(self) -> None:
        self._lend(self._tell)

    def _tell(self, stage: Stage, cancel: threading.Event) -> None:
        try:
            if self._hearing is None:
                self._hearing = _opened(stage, self._versions, self._wanted)
            try:
                self.post_message(self.Heard(self._hearing.next(cancel)))
            finally:
                stage.performer.take_back()
        except GameError as error:
            self.post_message(self.Failed(str(error)))

    # -- on the screen ------------------------------------------------------------------------

    @on(Heard)
    def _heard(self, event: Heard) -> None:
        if event.pair is None:
            self._end()
            return
        self._pair = pair = event.pair
        facts = f"{pair.number}. > {one_line(pair.command)}\n{pair.facts}"
        self.query_one("#facts", Static).update(Text(facts))
        self.query_one("#left", Static).update(Text(pair.left))
        self.query_one("#right", Static).update(Text(pair.right))
        self.query_one("#keys", Static).update("← left   → right   n neither   Esc stop")

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self._over = True
        self.query_one("#facts", Static).update(Text(event.reason))
        self.query_one("#keys", Static).update("Esc back")

    def action_choose(self, choice: Choice) -> None:
        if self._pair is None or self._hearing is None:
            return
        pair, self._pair = self._pair, None
        try:
            self._hearing.vote(pair, choice)
        except GameError as error:
            self.notify(str(error), severity="error", markup=False)
        if self._hearing.tally.verdict != "open":
            self._end()
            return
        self.query_one("#keys", Static).update("The next two …   Esc stop")
        self._ask()

    def action_stop(self) -> None:
        if self._over or self._hearing is None:
            self.dismiss()
        else:
            self._end()

    def _end(self) -> None:
        """Show the count; the candidate plays from now on if it is clearly preferred."""
        assert self._hearing is not None
        self._over, self._pair = True, None
        hearing = self._hearing
        lines = hearing.tally.lines(called(hearing.candidate.id), called(hearing.current.id))
        if hearing.tally.verdict == "better":
            try:
                self._versions.use(hearing.candidate.id)
                lines.append(f"{called(hearing.candidate.id)} tells the story from now on.")
            except GameError as error:
                lines.append(str(error))
        else:
            lines.append(f"{called(hearing.current.id)} goes on telling the story.")
        self.query_one("#heading", Static).update("What you preferred")
        self.query_one("#facts", Static).update(Text("\n".join(lines)))
        for side in ("#left", "#right"):
            self.query_one(side, Static).update("")
        self.query_one("#keys", Static).update("Esc back")


def _opened(stage: Stage, versions: Versions, candidate: str | None) -> Audition:
    """An audition with the stage's own model and store. Raises GameError."""
    from game.audition import Audition
    from game.errors import FeedbackError
    from game.replay import recent_turns

    model, store = stage.performer.model, stage.ballot.store
    if model is None:
        raise ModelUnavailable(
            "There is no narrator here to compare.", "Wait until it is ready, or choose one: F12."
        )
    if store is None:
        raise FeedbackError(
            "Your turns are not recorded.", "Set feedback on in the settings, and play on."
        )
    current, other = versions.contenders(candidate)
    past = recent_turns(store, model, MOST)
    return Audition(store, model, current, other, past, stage.options.sampling)
