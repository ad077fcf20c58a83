"""The terminal app: which screen is up, which game is open, and the settings both live by."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.keys import format_key
from textual.screen import Screen

from game import settings as settings_file
from game.errors import GameError
from game.front.history import History
from game.narrator.adapters import called
from game.settings import Settings
from game.tui.keys import bindings
from game.tui.screens.play import PlayScreen
from game.tui.screens.title import TitleScreen
from game.tui.themes import EVENING, THEMES

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from game.audition import Versions
    from game.front.stage import Options, Stage
    from game.front.training import Progress, Training
    from game.narrator.adapters import Adapters

#: Settings that a game in progress takes up, and what they are called among its options.
_LIVE = {"sampling": "sampling", "autosave": "keep", "brief": "brief", "feedback": "record"}
_NARRATOR = ("llm", "model", "server", "server_model")


class LimelightApp(App[int]):
    """Plays the stage that `open_stage` opens, or shows the title screen where there is none.

    `options` are those that games begun on the title screen have, `adapters` finds the trained
    adapters for a model file (None: the settings' model), `chosen` are the settings (default: the
    home's), `versions` gives the trained versions for a model file, to compare and to choose. With
    `begin` "worlds" the title comes with the world picker open. `failure` is what
    ended the app, if anything did.
    """

    CSS_PATH = ["style.tcss", "lobby.tcss"]
    TITLE = "Limelight"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING: ClassVar[str] = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")

    def __init__(
        self,
        open_stage: Callable[[], Stage] | None = None,
        history: History | None = None,
        theme: str = "",
        *,
        options: Options | None = None,
        adapters: Callable[[Path | None], Adapters | None] = lambda model: None,
        chosen: Settings | None = None,
        begin: Literal["title", "worlds"] = "title",
        versions: Callable[[Path | None], Versions] | None = None,
    ) -> None:
        super().__init__()
        self.failure: Exception | None = None
        self.settings = chosen or settings_file.load()
        self._history = history or History()
        self._options = options
        self._adapters = adapters
        self._begin = begin
        self._versions = versions
        self._training: Training | None = None
        self.learning: Progress | None = None
        self._unseen = False
        self._play = PlayScreen(open_stage, self._history) if open_stage else None
        for known in THEMES.values():
            self.register_theme(known)
        wanted = theme or self.settings.theme
        self.theme = wanted if wanted in THEMES else EVENING.name

    def get_default_screen(self) -> Screen[None]:
        return self._play or TitleScreen()

    @property
    def play_screen(self) -> PlayScreen:
        """The game screen; there must be a game."""
        assert self._play is not None
        return self._play

    @property
    def playing(self) -> bool:
        """Whether a game is open."""
        return self._play is not None

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self.exit, 128 + number)
            except (NotImplementedError, RuntimeError, ValueError):
                break  # not on the main thread, or a platform without them
        if self._play is None and self._begin == "worlds":
            self.choose_world(anew=True)
        elif self._play is not None:
            self._show_facts(self.settings.facts)

    def on_unmount(self) -> None:
        if self._training is not None:
            self._training.close()
        if self._play is not None:
            self._play.bridge.close()

    # -- from screen to screen ----------------------------------------------------------------

    def choose_world(self, anew: bool = False) -> None:
        """Open the world picker; what is chosen there is played."""
        from game.tui.screens.worlds import Choice, WorldsScreen

        def enter(choice: Choice | None) -> None:
            if choice is not None:
                self.enter(choice.world, choice.anew)

        self.push_screen(WorldsScreen(anew), enter)

    def enter(self, world: str, anew: bool = False) -> None:
        """Leave the title for the game in progress in `world`, or for a new one."""
        assert self._options is not None and self._play is None
        options = replace(
            self._options,
            world=world,
            resume="never" if anew else "auto",
            seed=secrets.randbelow(2**31),
            start=None,
            holding=(),
        )

        def open_stage() -> Stage:
            from game.front.stage import Stage

            return Stage.open(options)

        self._play = PlayScreen(open_stage, self._history)
        self._show(self._play)
        self.call_after_refresh(self._show_facts, self.settings.facts)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "title":
            return self._options is not None and self.screen is self._play
        if action == "settings":
            return self.screen is self._play
        if action in ("learn", "narrator_before"):
            return self._versions is not None and self.screen is self._play
        return super().check_action(action, parameters)

    @work(exclusive=True, group="title")
    async def action_title(self) -> None:
        """Leave the game, which is kept, for the title screen."""
        if (play := self._play) is None:
            return
        # Closing waits for the turn in progress, which must not freeze the screen.
        await asyncio.to_thread(play.bridge.close)
        self._play = None
        self._show(TitleScreen())

    def _show(self, screen: Screen[None]) -> None:
        """Put `screen` in the place of the one that is up; the app's first one stays below."""
        if len(self.screen_stack) > 1:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def action_settings(self) -> None:
        from game.tui.screens.settings import SettingsScreen

        self.push_screen(SettingsScreen())

    def action_models(self) -> None:
        from game.tui.screens.models import ModelsScreen

        self.push_screen(ModelsScreen())

    def fail(self, error: Exception) -> None:
        """The game cannot go on because of `error`: back to the title where there is one, else the
        app ends and the caller of `run` finds it in `failure`."""
        if self._options is not None and isinstance(error, GameError):
            self.notify(str(error), severity="error", timeout=20, markup=False)
            self.action_title()
            return
        self.failure = error
        self.exit(1)

    # -- learning -----------------------------------------------------------------------------

    @property
    def versions(self) -> Versions | None:
        """The narrator's versions for the model that plays; None where they are not known."""
        return None if self._versions is None else self._versions(self._model)

    @property
    def _model(self) -> Path | None:
        """The model file that plays, if it is not the bundled one."""
        if self._options is not None:
            return self._options.model
        return Path(self.settings.model).expanduser() if self.settings.model else None

    def action_learn(self) -> None:
        """Begin a training, or show how the one in progress stands or came out."""
        from game.front.training import Progress, Training, model_option
        from game.tui.screens.training import TrainingScreen

        if self._unseen:
            self._unseen = False
        elif self.learning is None or self.learning.done:
            if self._training is not None:
                self._training.close()
            self.learning = Progress()
            self._training = Training(
                lambda progress: self.call_later(self._learnt, progress),
                model_option(self._model),
            )
            if self._play is not None:
                self._play.learning(self.learning)
        self.push_screen(TrainingScreen())

    def stop_learning(self) -> None:
        """End the training; the panel says so when it has."""
        if self._training is not None:
            self._training.cancel()

    def _learnt(self, progress: Progress) -> None:
        """Show how the training stands, wherever the player is."""
        from game.tui.screens.training import TrainingScreen

        self.learning = progress
        if isinstance(self.screen, TrainingScreen):
            self.screen.show(progress)
        elif progress.done and self.screen is self._play:
            self.push_screen(TrainingScreen())
        else:
            self._unseen = progress.done
        if self._play is not None and self._play.is_mounted:
            self._play.learning(progress)

    def audition(self, candidate: str | None = None) -> None:
        """Compare the version that plays with `candidate` (None: the newest other one)."""
        from game.tui.screens.audition import AuditionScreen

        if self._play is not None and (versions := self.versions) is not None:
            self.push_screen(AuditionScreen(self._play.bridge.lend, versions, candidate))

    def use_version(self, version: str) -> None:
        """Let a version of the narrator play from the next turn on."""

        def use(versions: Versions) -> str:
            versions.use(version)
            return version

        self._choose(use)

    def action_narrator_before(self) -> None:
        """Go back to the version of the narrator that played before."""
        self._choose(lambda versions: versions.rollback())

    @work(thread=True, group="versions", exit_on_error=False)
    def _choose(self, choose: Callable[[Versions], str]) -> None:
        """Change the version that plays; on a thread, as the model's file may have to be read."""
        if (versions := self.versions) is None:
            return
        severity: SeverityLevel = "information"
        try:
            said = f"{called(choose(versions))} tells the story from now on."
        except GameError as error:
            said, severity = str(error), "error"
        notify = partial(self.notify, said, severity=severity, markup=False)
        self.call_from_thread(notify)

    # -- settings -----------------------------------------------------------------------------

    def change(self, new: Settings, *, picked: bool = False) -> None:
        """Keep `new` settings and live by them from now on, the game in progress included.

        `picked`: the player chose the narrator, which then plays whatever the command line said.
        Settings that cannot be kept are not taken up, and the player is told.
        """
        try:
            settings_file.save(new)
        except GameError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        old, self.settings = self.settings, new
        self.theme = new.theme
        if new.facts != old.facts:
            self._show_facts(new.facts)
        changed = {key for key in settings_file.FIELDS if getattr(old, key) != getattr(new, key)}
        fields: dict[str, Any] = {_LIVE[k]: getattr(new, k) for k in changed if k in _LIVE}
        if picked or changed.intersection(_NARRATOR):
            model = Path(new.model).expanduser() if new.model else None
            fields |= {key: getattr(new, key) for key in _NARRATOR}
            fields |= {"model": model, "adapters": self._adapters(model)}
        if not fields:
            return
        if self._options is not None:
            self._options = replace(self._options, **fields)
        if self._play is not None:
            self._play.bridge.adopt(lambda options: replace(options, **fields))

    def _show_facts(self, shown: bool) -> None:
        if self._play is not None and self._play.is_mounted:
            transcript = self._play.transcript
            if transcript.show_facts != shown:
                transcript.toggle_facts()

    def get_key_display(self, binding: Binding) -> str:
        """The key as the help page and the documents call it: F5, ctrl+R."""
        if binding.key_display:
            return binding.key_display
        *modifiers, key = binding.key.split("+")
        plain = len(key) == 1 and not modifiers  # a letter to type, as it is typed
        return key if plain else "+".join([*modifiers, format_key(key).upper()])

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        # Themes are a setting here, so that the choice is kept.
        for usual in super().get_system_commands(screen):
            if usual.title != "Theme":
                yield usual
        yield SystemCommand("Settings", "Theme, narration, saving", self.action_settings)
        yield SystemCommand("Narrator", "Which model tells the story", self.action_models)
        if self._play is None or screen is not self._play:
            return
        play = self._play
        if self._options is not None:
            yield SystemCommand("Title", "Leave the game; it is kept", self.action_title)
        for title, help, command in (
            ("Undo", "Take the last turn back", "undo"),
            ("Save", "Save the game", "save"),
            ("Restore", "Go back to the saved game", "restore"),
            ("Goals", "What to aim for", "goals"),
            ("Actions", "Everything that is possible now", "actions"),
        ):
            yield SystemCommand(title, help, lambda command=command: play.play(command))
        yield SystemCommand("How to play", "Commands and keys", play.action_help)
        yield SystemCommand("Map", "Where you have been", play.action_map)
        yield SystemCommand("Journal", "What you know; pin it", play.action_journal)
        yield SystemCommand("People", "Whom you have met", play.action_people)
        yield SystemCommand("Turns", "Go back to any turn and play on", play.action_history)
        yield SystemCommand("Reason", "Say why you thumbed a telling", play.action_reasons)
        yield SystemCommand("Facts", "Show or hide what truly happened", play.action_facts)
        yield SystemCommand("Retry", "Another telling of what is marked", play.action_retry)
        yield SystemCommand("Edit", "Your words in the place of the narrator's", play.action_edit)
        yield SystemCommand("Why", "What is behind the marked telling", play.action_why)
        yield SystemCommand("Context", "What the model was given for it", play.action_context)
        if self._versions is not None:
            yield SystemCommand(
                "Train now", "The narrator learns from your thumbs", self.action_learn
            )
            yield SystemCommand("Audition", "Choose blindly between two narrators", self.audition)
            yield SystemCommand(
                "Narrator before", "Go back to the version before", self.action_narrator_before
            )
        yield SystemCommand("Stop the narrator", "The plain facts stand", play.action_stop)
