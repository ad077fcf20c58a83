"""YAML 1.2 text to plain data, with the place of every key and list entry.

The files come from strangers: no tags (so no objects), no control characters, and bounded size,
depth and alias expansion.
"""

from __future__ import annotations

import re
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from game.authoring.problems import Path, Place, Problem, suggest

MAX_BYTES = 400_000
MAX_DEPTH = 30
MAX_NODES = 100_000  # aliases count each time they are used

#: Would reach the terminal as commands, or reorder what the reader sees.
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_TAG = "tag:yaml.org,2002:"


class Source:
    """One file's content as dicts, lists, strings, numbers, true/false and None.

    `data` is {} when nothing could be read. `places` gives the place of each key and list entry by
    its path; `problems` is what was wrong with the text itself.
    """

    def __init__(self, file: FilePath, name: str) -> None:
        self.name = name
        self.text = ""
        self.data: dict[str, Any] = {}
        self.places: dict[Path, Place] = {(): Place(name, 1, 1)}
        self.problems: list[Problem] = []
        self._nodes = 0
        text = self._read(file)
        if text is not None:
            self.text = text
            self._parse(text)

    def _problem(self, line: int, column: int, code: str, message: str) -> None:
        self.problems.append(Problem(Place(self.name, line, column), (), code, message))

    def _read(self, file: FilePath) -> str | None:
        try:
            with file.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
        except OSError as error:
            reason = error.strerror or str(error)
            self._problem(1, 1, "E001", f"cannot be read: {reason}")
            return None
        if len(raw) > MAX_BYTES:
            self._problem(
                1, 1, "E002", f"is larger than {MAX_BYTES:,} bytes; split it with include:"
            )
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self._problem(line, 1, "E003", "is not UTF-8 text")
            return None

    def _parse(self, text: str) -> None:
        try:
            yaml = YAML(typ="safe", pure=True)
            yaml.Composer = _Composer
            root = yaml.compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            message = f"is not YAML: {_one_line(error.problem or str(error))}"
            self._problem(line, column, "E004", message)
            return
        except _TooMuch as error:
            self._problem(error.line, 1, "E006", str(error))
            return
        except (YAMLError, ValueError, TypeError, AttributeError, IndexError, KeyError) as error:
            # The YAML parser itself trips over some malformed text.
            self._problem(1, 1, "E004", f"is not YAML: {_one_line(str(error))}")
            return
        if not isinstance(root, MappingNode):
            message = "is not a world: expected fields such as format:, title:, rooms:"
            self._problem(1, 1, "E005", message)
            return
        try:
            self.data = self._mapping(root, ())
        except _TooMuch as error:
            self._problem(error.line, 1, "E006", str(error))
            self.data = {}

    def _value(self, node: Node, path: Path) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _TooMuch(node, f"holds more than {MAX_NODES:,} values")
        if len(path) > MAX_DEPTH:
            raise _TooMuch(node, f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            values = []
            for n, entry in enumerate(node.value):
                here = (*path, n)
                self.places[here] = self._place(entry)
                values.append(self._value(entry, here))
            return values
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = self._place(key_node)
            if not isinstance(key_node, ScalarNode):
                self.problems.append(Problem(place, path, "E007", "a key must be a word"))
                continue
            key = key_node.value
            here = (*path, key)
            if key in values:
                first = self.places[here].line
                message = f"is already on line {first}"
                self.problems.append(Problem(place, here, "E008", message))
                continue
            if CONTROL.search(key):
                message = "a key has control characters"
                self.problems.append(Problem(place, path, "E009", message))
                continue
            self.places[here] = place
            values[key] = self._value(value_node, here)
        return values

    def _scalar(self, node: Node, path: Path) -> Any:
        text: str = node.value
        tag = str(node.tag).removeprefix(_TAG)
        try:
            if tag == "null":
                return None
            if tag == "bool":
                return text.lower() == "true"
            if tag == "int":
                return _integer(text)
            if tag == "float":
                return float(
                    text.lower().replace("_", "").replace(".inf", "inf").replace(".nan", "nan")
                )
        except ValueError:
            return text
        if tag not in ("str", "timestamp", "merge", "value"):
            where = self._place(node)
            message = f"the tag {tag} is not allowed"
            self.problems.append(Problem(where, path, "E010", message))
        bad = CONTROL.search(text)
        if bad:
            where = self._place(node)
            message = f"has the control character U+{ord(bad[0]):04X}"
            self.problems.append(Problem(where, path, "E009", message))
            return CONTROL.sub("", text)
        return text

    def _place(self, node: Node) -> Place:
        return Place(self.name, node.start_mark.line + 1, node.start_mark.column + 1)


class _TooMuch(Exception):
    """`at` is the node, or the event of the parser, that is one too many."""

    def __init__(self, at: Any, message: str) -> None:
        super().__init__(message)
        self.line: int = at.start_mark.line + 1


class _Composer(Composer):
    """Gives up at once on what is nested too deeply: looking on would take seconds."""

    levels = 0  # `depth` is the base class's own

    def compose_node(self, parent: Any, index: int) -> Any:
        self.levels += 1
        if self.levels > MAX_DEPTH:
            event = self.parser.peek_event()
            raise _TooMuch(event, f"is nested deeper than {MAX_DEPTH} levels")
        node = super().compose_node(parent, index)
        self.levels -= 1
        return node


def _integer(text: str) -> int | str:
    plain = text.replace("_", "")
    base = {"0x": 16, "0o": 8}.get(plain.lstrip("+-")[:2].lower(), 10)
    return int(plain, base) if len(plain) <= 20 else text


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


class Sources(NamedTuple):
    """A world file and the files it includes, merged; and the files themselves.

    `texts` holds each file's text by the name that places give it.
    """

    data: dict[str, Any]
    places: dict[Path, Place]
    problems: list[Problem]
    files: list[FilePath]
    texts: dict[str, str]


def read_world(file: FilePath) -> Sources:
    """Read a world file and what it includes.

    Included files lie in the world's own folder and hold any of a world's sections; a section's
    entries are joined, and an entry or a single-valued field may be in one file only.
    """
    main = Source(file, file.name)
    data, places, problems = main.data, main.places, main.problems
    included = data.get("include", [])
    if isinstance(included, str):
        included = [included]
    folder = file.resolve().parent
    seen = {file.resolve(): None}
    texts = {main.name: main.text}
    for n, name in enumerate(included if isinstance(included, list) else []):
        path: Path = ("include", n)
        place = places.get(path, places.get(("include",), places[()]))
        if not isinstance(name, str):
            continue  # the schema says what is wrong with it
        try:
            target = (folder / name).resolve()
            inside = target.is_relative_to(folder) and target.suffix in (".yaml", ".yml")
            there = inside and target.is_file()
        except (OSError, ValueError, RuntimeError):
            inside = there = False
        if not inside:
            message = f"{name!r} is not a YAML file inside the world's folder"
            problems.append(Problem(place, path, "E011", message))
        elif not there:
            known = [p.name for p in folder.glob("*.y*ml") if p.resolve() not in seen]
            message = f"no such file{suggest(name, known)}"
            problems.append(Problem(place, path, "E011", message))
        elif target in seen:
            problems.append(Problem(place, path, "E011", f"{name!r} is included twice"))
        else:
            seen[target] = None
            source = Source(target, name)
            texts[name] = source.text
            _merge(source, data, places, problems)
    return Sources(data, places, problems, list(seen), texts)


def _merge(
    source: Source, data: dict[str, Any], places: dict[Path, Place], problems: list[Problem]
) -> None:
    problems += source.problems
    for section, value in source.data.items():
        here = source.places[section,]
        if section in ("include", "format"):
            if section == "include":
                message = "only the main file may include others"
                problems.append(Problem(here, (section,), "E011", message))
            continue
        if section not in data:
            data[section] = value
            clashes: set[str] = set()
        elif isinstance(value, dict) and isinstance(data[section], dict) and section != "player":
            clashes = value.keys() & data[section].keys()
            new = {key: entry for key, entry in value.items() if key not in clashes}
            data[section] = data[section] | new
        else:
            first = places[section,]
            message = f"is already in {first.file} on line {first.line}"
            problems.append(Problem(here, (section,), "E008", message))
            continue
        for key in sorted(clashes):
            first = places[section, key]
            message = f"is already in {first.file} on line {first.line}"
            problems.append(Problem(source.places[section, key], (section, key), "E008", message))
        for path, place in source.places.items():
            if path[:1] == (section,) and not (len(path) > 1 and path[1] in clashes):
                places.setdefault(path, place)
