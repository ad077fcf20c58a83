"""What one can type, and what the keys do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

_HELP = """\
[b]Play[/b]
Type what you want to do: [$primary]look[/], [$primary]go north[/], \
[$primary]take the lamp[/], [$primary]ask keeper about sword[/], [$primary]inventory[/].
[$primary]actions[/] lists what is possible now, [$primary]goals[/] what to aim for.
[$primary]undo[/] takes a turn back, [b]F8[/b] goes to any of them; \
[$primary]save NAME[/] and [$primary]restore NAME[/] keep a place.
The game is saved after every turn.

[b]Applaud[/b]
Every telling has two marks: [$success]▲[/] you liked it, [$error]▼[/] you did not. \
[$primary]game train-from-feedback[/] learns from them, on this machine.
[b]F5[/b] ▲   [b]F6[/b] ▼   the same again takes it back   [b]F7[/b] why
[b]ctrl+↑ ctrl+↓[/b]  choose another telling: the bar ▌ shows which one

[b]Know[/b]
[b]F2[/b]  map   [b]F4[/b]  journal: [b]/[/b] searches, [b]Enter[/b] pins   [b]F9[/b]  people

[b]Read[/b]
[b]PageUp PageDown[/b]  scroll   [b]ctrl+End[/b]  newest
[b]F3[/b]  what truly happened, under every telling
[b]Esc[/b]  stop the narrator; the plain facts stand

[b]Write[/b]
[b]↑ ↓[/b]  earlier commands   [b]→[/b] or [b]Tab[/b]  take the grey suggestion
[b]Tab[/b] on an empty line goes to the story, where ↑ ↓ choose and + - thumb

[b]F10[/b]  title   [b]F12[/b]  settings   [b]ctrl+P[/b]  all commands   [b]ctrl+Q[/b]  save and quit
"""


class HelpScreen(ModalScreen[None]):
    """The help page; any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,enter,q,space", "dismiss", "Close"),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(_HELP)
