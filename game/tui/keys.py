"""The keys of a game in one table: what screens bind, the foot shows and the help page says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

#: Who binds a key: the app wherever one is, the game screen, or its part that deals with tellings.
Owner = Literal["app", "game", "telling"]

_NAMES = {
    "escape": "Esc", "pageup": "PageUp", "pagedown": "PageDown", "end": "End",
    "up": "↑", "down": "↓", "left": "←", "right": "→",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """A key as Textual names it, and the action of its `owner` that it stands for.

    `foot` is what the foot of the game screen calls it; one without is on the help page alone.
    `tip` is shown when the mouse rests on it there. A key that is `first` comes before what the
    command line does with it.
    """

    key: str
    action: str
    owner: Owner = "game"
    foot: str = ""
    tip: str = ""
    first: bool = False

    @property
    def shown(self) -> str:
        """The key as the help page and the documents call it: F5, ctrl+R, ctrl+↑."""
        *modifiers, key = self.key.split("+")
        return "+".join([*modifiers, _NAMES.get(key, key.upper())])


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the help page: what `keys` do, or what is `typed` where the table binds nothing."""

    does: str
    keys: tuple[Key, ...] = ()
    typed: str = ""

    @property
    def shown(self) -> str:
        return self.typed or " ".join(key.shown for key in self.keys)


#: The help page: its groups of rows, in order.
GROUPS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (
        "Play: type what you want to do",
        (
            Row("as in take the lamp, ask keeper about sword, inventory", typed="look, go north"),
            Row("what is possible now; what to aim for", typed="actions, goals"),
            Row("takes a turn back; every turn is saved by itself", typed="undo"),
            Row("keeps a place, restore NAME goes back to it", typed="save NAME"),
        ),
    ),
    (
        "The command line",
        (
            Row("earlier commands", typed="↑ ↓"),
            Row("takes the grey suggestion", typed="→ or Tab"),
            Row(
                "on an empty line: to the story, where ↑ ↓ mark a telling, + - thumb it, Enter "
                "says why, ← → leaf through its tellings; any letter leads back",
                typed="Tab",
            ),
            Row("stops the narrator; the plain facts stand", (Key("escape", "stop"),)),
        ),
    ),
    (
        "Applaud: the bar ▌ marks a telling",
        (
            Row(
                "▲ you like it, ▼ you do not; the same again takes it back",
                (
                    Key("f5", "thumb(1)", foot="▲", tip="Like the marked telling"),
                    Key("f6", "thumb(-1)", foot="▼", tip="Dislike the marked telling"),
                ),
            ),
            Row("say why", (Key("f7", "reasons"),)),
            Row(
                "mark another telling",
                (Key("ctrl+up", "select(-1)"), Key("ctrl+down", "select(1)")),
            ),
            Row(
                "have it told another way",
                (
                    Key(
                        "ctrl+r",
                        "retry",
                        foot="Retry",
                        tip="Have the marked telling told another way",
                    ),
                ),
            ),
            Row(
                "on an empty line: the telling before, or after",
                # The command line has its own use for them while it holds something.
                (
                    Key("ctrl+left", "swipe(-1)", "telling", first=True),
                    Key("ctrl+right", "swipe(1)", "telling", first=True),
                ),
            ),
            Row(
                "what is behind it; there c: what the model was given, e: edit it",
                (Key("ctrl+t", "why"),),
            ),
            Row("learn from your thumbs now", (Key("ctrl+n", "learn", "app"),)),
            Row("go back to the narrator before", (Key("ctrl+b", "narrator_before", "app"),)),
        ),
    ),
    (
        "Read and know",
        (
            Row("scroll", (Key("pageup", "page(-1)"), Key("pagedown", "page(1)"))),
            Row("go to the newest", (Key("ctrl+end", "newest"),)),
            Row(
                "map of where you have been",
                (Key("f2", "map", foot="Map", tip="Where you have been"),),
            ),
            Row("what truly happened, under every telling", (Key("f3", "facts"),)),
            Row(
                "journal of what you know: / searches, Enter pins",
                (Key("f4", "journal", foot="Journal", tip="What you know"),),
            ),
            Row(
                "your turns: go back to any of them and play on; n names a branch",
                (Key("f8", "history"),),
            ),
            Row("people you have met", (Key("f9", "people"),)),
        ),
    ),
    (
        "The game",
        (
            Row("this page", (Key("f1", "help", foot="Help"),)),
            Row("title screen; the game is kept", (Key("f10", "title", "app"),)),
            Row("settings", (Key("f12", "settings", "app"),)),
            Row("every command by name", typed="ctrl+P"),
            Row("save and quit", typed="ctrl+Q"),
        ),
    ),
)

#: Every key of the table.
KEYS: tuple[Key, ...] = tuple(key for _, rows in GROUPS for row in rows for key in row.keys)


def bindings(owner: Owner) -> list[BindingType]:
    """What `owner` binds; function keys in their order, which is that of the foot."""
    mine = sorted((key for key in KEYS if key.owner == owner), key=_order)
    return [
        Binding(k.key, k.action, k.foot, show=bool(k.foot), tooltip=k.tip, priority=k.first)
        for k in mine
    ]


def _order(key: Key) -> int:
    return int(key.key[1:]) if key.key[1:].isdigit() else 99
