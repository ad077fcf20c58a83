"""Text that is safe to show on a terminal, whoever wrote it."""

from __future__ import annotations

import re

# C0 and C1 controls but tab and newline, lone surrogates, and the marks that reorder a line.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def clean(text: str) -> str:
    """`text` without control characters (an escape sequence's visible part stays, literally).

    Newlines stay, Windows ones become plain ones, tabs become four spaces.
    """
    return _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\t", "    "))


def one_line(text: str) -> str:
    """`text` cleaned, on a single line."""
    return " ".join(clean(text).split())


def excerpt(text: str, length: int = 48) -> str:
    """The beginning of `text` on one line, at most `length` characters."""
    line = one_line(text)
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
