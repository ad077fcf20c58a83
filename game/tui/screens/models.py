"""The model picker: which model tells the story; what it is, and how fast it runs here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from game import paths
from game.errors import GameError
from game.front.text import one_line

if TYPE_CHECKING:
    from game.llm.catalogue import KnownModel
    from game.tui.app import LimelightApp

_SERVER = "server"


class ModelsScreen(Screen[None]):
    """Enter plays with the marked model, at once and without leaving the game."""

    AUTO_FOCUS = "#models"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "measure", "Time it"),
        Binding("escape,q", "dismiss", "Back", key_display="Esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._models: list[KnownModel] = []
        self._timing: Path | None = None

    def compose(self) -> ComposeResult:
        yield Static("Who tells the story", classes="heading")
        yield OptionList(id="models", classes="list body")
        yield Static("Looking for models …", id="note", classes="note", markup=False)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self._look()

    @property
    def _limelight(self) -> LimelightApp:
        return cast("LimelightApp", self.app)

    @work(thread=True, group="look", exit_on_error=False)
    def _look(self) -> None:
        from game.llm.catalogue import known_models

        model = self._limelight.settings.model
        found = known_models(paths.home(), Path(model).expanduser() if model else None)
        self.app.call_from_thread(self._show, found)

    def _show(self, found: list[KnownModel]) -> None:
        self._models = found
        options = self.query_one(OptionList)
        at = options.highlighted
        options.clear_options()
        options.add_options(Option(self._label(m), id=str(n)) for n, m in enumerate(found))
        settings = self._limelight.settings
        if settings.server:
            name = f"{settings.server}  {settings.server_model}".strip()
            options.add_option(Option(Text(f"* {one_line(name)}  (server)"), id=_SERVER))
        chosen = [n for n, model in enumerate(found) if self._plays(model)]
        last = options.option_count - 1
        options.highlighted = at if at is not None else chosen[0] if chosen else last
        self._explain()

    def _plays(self, model: KnownModel) -> bool:
        settings = self._limelight.settings
        if settings.server:
            return False
        if not settings.model:
            return model.bundled
        return model.path == Path(settings.model).expanduser()

    def _label(self, model: KnownModel) -> Text:
        variables = self.app.theme_variables
        star = "* " if self._plays(model) else "  "
        text = Text(no_wrap=True, overflow="ellipsis").append(star, variables["primary"])
        text.append(f"{one_line(model.name)[:30]:<31}")
        if model.trouble:
            return text.append("cannot be played", variables["error"])
        facts = f"{model.size / 1e6:6.0f} MB  {model.quantisation:<7}{model.context:>7}  "
        speed = f"{model.speed.write:.0f} tokens/s" if model.speed else "not timed"
        if self._timing == model.path:
            speed = "timing …"
        return text.append(facts + speed, variables["quiet"])

    @on(OptionList.OptionHighlighted)
    def _explain(self) -> None:
        if (model := self._marked) is None:
            text = "The server of the settings."
        elif model.trouble:
            text = model.trouble
        else:
            text = "It came with the game. " if model.bundled else ""
            text += f"Trained for a context of {model.context} tokens."
            if model.speed:
                text += f"\nReads {model.speed.read:.0f}, writes {model.speed.write:.0f} tokens/s."
            if not model.bundled:
                text += f"\n{model.path}"
        self.query_one("#note", Static).update(text)

    @property
    def _marked(self) -> KnownModel | None:
        at = self.query_one(OptionList).highlighted
        return self._models[at] if at is not None and at < len(self._models) else None

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        model = self._marked
        if model is None:
            self.dismiss()
        elif model.trouble:
            self.notify(model.trouble, severity="error", markup=False)
        else:
            path = "" if model.bundled else str(model.path)
            new = replace(self._limelight.settings, model=path, server="", llm=True)
            self._limelight.change(new, picked=True)
            self._look()
            self.notify(f"{model.name} tells the story from now on.", markup=False)

    def action_measure(self) -> None:
        model = self._marked
        if model is None or model.trouble or self._timing is not None:
            return
        self._timing = model.path
        self._show(self._models)
        self._measure(model)

    @work(thread=True, group="measure", exit_on_error=False)
    def _measure(self, model: KnownModel) -> None:
        from game.llm.catalogue import measure

        try:
            measure(paths.home(), model.path)
        except GameError as error:
            self.app.call_from_thread(self.notify, str(error), severity="error", markup=False)
        self.app.call_from_thread(self._measured)

    def _measured(self) -> None:
        self._timing = None
        self._look()
