"""The training panel: how far it is, and what to do with the version that came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import ProgressBar, Static

from game.front.text import one_line
from game.front.training import Progress

if TYPE_CHECKING:
    from game.tui.app import LimelightApp

_OUTCOMES = {
    "promoted": "{version} is better, and tells the story from now on.",
    "candidate": "{version} is ready. Whether it is better is not clear yet.",
    "rejected": "{version} came out worse. It is kept and does not play.",
    "failed": "The training could not be done.",
    "cancelled": "The training was stopped.",
}


class TrainingScreen(ModalScreen[None]):
    """Shows the app's training; the game goes on below and behind it."""

    DEFAULT_CSS = """
    TrainingScreen { align: center middle; background: $background 60%; }
    TrainingScreen #training {
        width: 72; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        background: $panel; color: $foreground;
    }
    TrainingScreen #heading { color: $primary; text-style: bold; margin-bottom: 1; }
    TrainingScreen ProgressBar { margin: 1 0; }
    TrainingScreen #tellings { height: auto; margin-top: 1; }
    TrainingScreen #keys { color: $quiet; margin-top: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Play on"),
        Binding("c", "cancel", "Stop it"),
        Binding("u", "use", "Use it"),
        Binding("a", "audition", "Compare"),
        Binding("b", "back", "The one before"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(id="training"):
            yield Static("The narrator learns from your thumbs", id="heading")
            yield Static("", id="phase", markup=False)
            yield ProgressBar(id="bar", show_eta=False)
            yield Static("", id="numbers", markup=False)
            yield Static("", id="tellings", markup=False)
            yield Static("", id="keys", markup=False)

    def on_mount(self) -> None:
        self.show(self._limelight.learning or Progress())

    @property
    def _limelight(self) -> LimelightApp:
        return cast("LimelightApp", self.app)

    @property
    def _progress(self) -> Progress:
        return self._limelight.learning or Progress()

    def show(self, progress: Progress) -> None:
        """Show how the training stands."""
        bar = self.query_one(ProgressBar)
        bar.display = not progress.done
        bar.update(total=progress.steps or None, progress=progress.step)
        if progress.done:
            said = _OUTCOMES[progress.outcome].format(version=progress.version)
            phase, numbers = said, "\n".join(one_line(line) for line in progress.lines)
        else:
            phase, numbers = f"{progress.phase} …", _numbers(progress)
        self.query_one("#phase", Static).update(Text(phase))
        self.query_one("#numbers", Static).update(Text(numbers))
        tellings = self.query_one("#tellings", Static)
        tellings.display = bool(progress.tellings)
        tellings.update(_tellings(progress))
        self.query_one("#keys", Static).update(_keys(progress))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        progress = self._progress
        if action == "cancel":
            return not progress.done
        if action == "use":
            return progress.outcome in ("candidate", "rejected")
        if action == "audition":
            return bool(progress.version) and progress.outcome != "promoted"
        if action == "back":
            return progress.outcome == "promoted"
        return super().check_action(action, parameters)

    def action_cancel(self) -> None:
        self._limelight.stop_learning()

    def action_use(self) -> None:
        self._limelight.use_version(self._progress.version)
        self.dismiss()

    def action_back(self) -> None:
        self._limelight.action_narrator_before()
        self.dismiss()

    def action_audition(self) -> None:
        version = self._progress.version
        self.dismiss()
        self._limelight.audition(version)


def _numbers(progress: Progress) -> str:
    if not progress.steps:
        return "The game goes on meanwhile. Closing it ends the training; no vote is lost."
    shown = "  ".join(f"{name} {value:.3f}" for name, value in progress.numbers)
    left = ""
    if progress.left is not None:
        left = f"  {progress.left / 60:.0f} min left" if progress.left >= 60 else "  soon done"
    return f"step {progress.step} of {progress.steps}  {shown}{left}"


def _tellings(progress: Progress) -> Text:
    """Turns that the new version tells otherwise."""
    lines: list[str] = []
    for command, before, after in progress.tellings:
        lines += [f"> {one_line(command)}", f"before  {one_line(before)}"]
        lines.append(f"after   {one_line(after)}")
    return Text("\n".join(lines))


def _keys(progress: Progress) -> str:
    if not progress.done:
        return "Esc play on   c stop it"
    if progress.outcome == "promoted":
        return "Esc play on   b back to the narrator before"
    if progress.version:
        return "u use it now   a compare blindly first   Esc leave it"
    return "Esc play on"
