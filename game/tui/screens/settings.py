"""The settings screen: every setting with its help; a change is kept and in force at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from game.front.text import one_line
from game.settings import FIELDS, Settings
from game.tui.screens.dialogs import LineScreen

if TYPE_CHECKING:
    from game.tui.app import LimelightApp


class SettingsScreen(Screen[None]):
    """Enter, space and the arrows change what is marked; the app keeps it."""

    AUTO_FOCUS = "#settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,right", "change(1)", "Change", key_display="Enter"),
        Binding("left", "change(-1)", "Back one", show=False),
        Binding("backspace,delete", "default", "Default", key_display="Del"),
        Binding("escape,q,f12", "dismiss", "Back", key_display="Esc"),
    ]

    def compose(self) -> ComposeResult:
        yield Static("Settings", classes="heading")
        yield OptionList(id="settings", classes="list body")
        yield Static("", id="help-text", classes="note", markup=False)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.add_options(Option("", id=key) for key in FIELDS)
        options.highlighted = 0
        self._show()

    def _show(self) -> None:
        settings = self._limelight.settings
        options = self.query_one(OptionList)
        variables = self.app.theme_variables
        for key, field in FIELDS.items():
            value = getattr(settings, key)
            text = Text(f"{field.metadata['name']:<14}", no_wrap=True, overflow="ellipsis")
            style = variables["quiet" if value == field.default else "accent"]
            options.replace_option_prompt(key, text.append(_shown(key, value), style))
        self._explain()

    @on(OptionList.OptionHighlighted)
    def _explain(self) -> None:
        key = self._marked
        metadata, value = FIELDS[key].metadata, getattr(self._limelight.settings, key)
        text = Text(metadata["help"])
        for choice, meaning in (metadata["choices"] or {}).items():
            sign = "▸" if choice == value else " "
            text.append(f"\n{sign} {choice}: {meaning}")
        self.query_one("#help-text", Static).update(text)

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_change(1)

    @property
    def _marked(self) -> str:
        at = self.query_one(OptionList).highlighted or 0
        return list(FIELDS)[at]

    @property
    def _limelight(self) -> LimelightApp:
        return cast("LimelightApp", self.app)

    def action_change(self, step: int) -> None:
        """Take the next value of what is marked; a text is edited, a model picked."""
        key = self._marked
        metadata, value = FIELDS[key].metadata, getattr(self._limelight.settings, key)
        if isinstance(value, bool):
            self._set(key, not value)
        elif metadata["choices"]:
            choices = list(metadata["choices"])
            self._set(key, choices[(choices.index(value) + step) % len(choices)])
        elif key == "model":
            self._limelight.action_models()
        else:

            def keep(text: str | None) -> None:
                if text is not None:
                    self._set(key, text)

            self.app.push_screen(LineScreen(metadata["help"], value), keep)

    def action_default(self) -> None:
        key = self._marked
        self._set(key, getattr(Settings(), key))

    def on_screen_resume(self) -> None:
        self._show()

    def _set(self, key: str, value: Any) -> None:
        self._limelight.change(replace(self._limelight.settings, **{key: value}))
        self._show()


def _shown(key: str, value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if not value:
        return {"model": "the bundled one", "server": "none"}.get(key, "the first it lists")
    return one_line(str(value))
