"""Text that looks as if it were meant for the model or the terminal, not for the reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from game.authoring.problems import Path, Report

_ORDERS = re.compile(
    r"<\|[^|\n]{1,40}\|>|\[/?INST\]|</?(?:system|assistant|user)>|###\s*(?:instruction|response)"
    r"|^\s*(?:system|assistant)\s*:"
    r"|\b(?:ignore|disregard|forget)\s+(?:all\s+|any\s+|the\s+|your\s+|every\s+)*"
    r"(?:previous|prior|above|earlier|preceding|other)?\s*(?:instructions?|prompts?|rules)\b"
    r"|\b(?:system prompt|jailbreak)\b"
    r"|\byou are (?:now )?(?:an? )?(?:AI|language model|chatbot|assistant)\b",
    re.IGNORECASE | re.MULTILINE,
)
#: Escape sequences written out, or left over when the escape character itself was dropped.
_CODES = re.compile(r"\\x1b|\\0?33\b|\\e\[|\\u001b|\^\[\[|\[\d{1,3}(?:;\d{1,3})*m|\]8;;|\]0;")


def lint(data: dict[str, Any], warn: Report) -> None:
    for path, text in _texts(data, ()):
        order = _ORDERS.search(text)
        if order:
            warn(path, "W010", f"looks like orders to a language model: {order[0].strip()!r}")
        code = _CODES.search(text)
        if code:
            warn(path, "W011", f"looks like codes for a terminal: {code[0]!r}")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, entry in value.items():
            if key != "extra":  # neither told nor shown to the model
                yield from _texts(entry, (*path, key))
    elif isinstance(value, list):
        for n, entry in enumerate(value):
            yield from _texts(entry, (*path, n))
