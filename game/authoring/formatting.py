"""World files in one layout: indents, width and blank lines; comments and order stay."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.emitter import RoundTripEmitter
from ruamel.yaml.error import YAMLError

from game.authoring.source import Source
from game.errors import WorldError

WIDTH = 100


def formatted(text: str, name: str = "world.yaml") -> str:
    """The same file, laid out canonically.

    Mappings are indented by two, lists by two under their key, text is broken at 100 where it is
    not between brackets, and there are no trailing spaces and no two blank lines together. Raises
    WorldError when it is not YAML, or when its meaning or a comment would not survive.
    """
    before = text
    for _ in range(4):  # lines that were broken anew may fit otherwise the next time
        after = _once(before, name)
        if after == before:
            break
        before = after
    if _data(after) != _data(text) or _comments(after) != _comments(text):
        raise WorldError(
            f"{name} cannot be laid out without changing what it says.", "It is as it was."
        )
    return after


class _Emitter(RoundTripEmitter):
    """Breaks long text, but nothing between brackets, where breaks are hard to read."""

    _width = WIDTH

    @property
    def best_width(self) -> int:
        return 1_000_000 if self.flow_level else self._width

    @best_width.setter
    def best_width(self, width: int) -> None:
        self._width = width


def _once(text: str, name: str) -> str:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.Emitter = _Emitter
    yaml.width = WIDTH
    yaml.preserve_quotes = True
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    out = io.StringIO()
    try:
        yaml.dump(yaml.load(text), out)
    except (YAMLError, ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        first = " ".join(str(error).split())[:120]
        hint = "`game world check` says where it goes wrong."
        raise WorldError(f"{name} is not YAML: {first}", hint) from error
    lines = [line.rstrip() for line in out.getvalue().split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _data(text: str) -> object:
    """What the file says to the loader."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "world.yaml"
        file.write_text(text, encoding="utf-8")
        source = Source(file, file.name)
    return source.data, [p.message for p in source.problems]


def _comments(text: str) -> list[str]:
    return sorted(re.findall(r"(?:^|\s)(#.*?)\s*$", text, re.M))
