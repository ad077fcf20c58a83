"""Stock lines: tellings with blanks, true of any thing, person or place, set in scenes for school.

    python -m agents.narrator.stock [FILE ...]

A file of `corpus/stock/` has the facts of a kind of moment after "# " and then a telling a line,
both with blanks: `{A}` `{B}` are people, `{X}` `{Y}` things, `{R}` a place (each with its article),
`{aX}` a thing with an indefinite article, `{D}` a direction; `{A:they}`, `{A:them}`, `{A:their}`,
`{X:it}`, `{X:its}` are pronouns and `{X:s}` is the s of a verb. Run as a program it sets every line
in scenes of the wide sets of the backlot, prints each that the guard rejects there, that repeats
another or whose kind of moment never came up, and exits 1 if there was one.
"""

from __future__ import annotations

import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agents.narrator.backlot import WIDE, Scene, scenes
from agents.narrator.corpus import FOLDER as CORPUS
from agents.narrator.corpus import Row, distinct_n, told_faults
from game.engine.model import Character, Item, Room

FOLDER = CORPUS / "stock"
#: Sets that lines are set into, and how many scenes of a kind are kept of them.
SETS = range(WIDE, WIDE + 320)
SCENES = 60
#: Every so many lines of a kind one is held out from school.
HELD_OUT = 10

_BLANK = re.compile(r"\{(a?)([A-Z])(?::(\w+))?\}")
_DIRECTION = re.compile(
    r"\b(?:go|goes|leaves?|arrives? from the) "
    r"((?:north|south)(?:east|west)?|east|west|up|down|in|out)\b"
)
_ARTICLE = r"(?:(?:[Tt]he|[Aa]n?|[Ss]ome) )?"
#: Blanks by kind, in the order in which they are taken.
_BLANKS = {"A": "ABC", "X": "XYZ", "R": "RS", "D": "DE"}
_PEOPLE = {
    "he": {"they": "he", "them": "him", "their": "his"},
    "she": {"they": "she", "them": "her", "their": "her"},
}
_THINGS = {
    False: {"it": "it", "its": "its", "s": "s"},
    True: {"it": "them", "its": "their", "s": ""},
}


@dataclass(frozen=True, slots=True)
class StockLine:
    """A telling with blanks, the facts that it tells and where it is written."""

    facts: str
    prose: str
    held_out: bool
    source: str


@dataclass(frozen=True, slots=True)
class Part:
    """What fills a blank: a name with its article, the same with an indefinite one, pronouns."""

    name: str
    indefinite: str
    forms: dict[str, str]


@dataclass(frozen=True, slots=True)
class Setting:
    """A scene of a kind of moment, and what fills the blanks there."""

    scene: Scene
    parts: dict[str, Part]

    def fits(self, prose: str) -> bool:
        """Whether every blank of `prose` can be filled here."""
        for _, blank, form in _BLANK.findall(prose):
            part = self.parts.get(blank)
            if part is None or (form and form not in part.forms):
                return False
        return True

    def fill(self, prose: str) -> str:
        """`prose` with its blanks filled, capitals at the beginnings of sentences."""

        def filled(blank: re.Match[str]) -> str:
            part = self.parts[blank[2]]
            return part.forms[blank[3]] if blank[3] else part.indefinite if blank[1] else part.name

        text = _BLANK.sub(filled, prose)
        return re.sub(r"(?:^|(?<=[.!?] ))[a-z]", lambda m: m[0].upper(), text)


def read_stock(paths: Iterable[Path] | None = None) -> list[StockLine]:
    """The lines of the given files, or of all."""
    lines = []
    for path in paths or sorted(FOLDER.glob("*.txt")):
        facts, told = "", 0
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            text = text.strip()
            if text.startswith("#"):
                facts, told = text.lstrip("# "), 0
            elif text:
                told += 1
                source = f"{path.name}:{number}"
                lines.append(StockLine(facts, text, told % HELD_OUT == 0, source))
    return lines


def blanked(scene: Scene) -> tuple[str, dict[str, Part]]:
    """The facts of `scene` with blanks for names, and what was there."""
    world = scene.state.world
    named: list[tuple[int, int, str, Part]] = []

    def name(start: int, end: int, kind: str, part: Part) -> None:
        if not any(start < other_end and other < end for other, other_end, *_ in named):
            named.append((start, end, kind, part))

    entities: list[Character | Item | Room] = [
        *(c for c in world.characters.values() if c.id != world.player),
        *world.items.values(),
        *world.rooms.values(),
    ]
    for entity in sorted(entities, key=lambda e: -len(e.name)):
        words = re.escape(entity.name)
        if isinstance(entity, Room):
            words = rf"(?i:{words})"
        for found in re.finditer(rf"\b{_ARTICLE}{words}\b", scene.facts):
            name(*found.span(), _kind(entity), _part(entity, found[0]))
    for way in (e.label for room in world.rooms.values() for e in room.exits if e.label):
        for found in re.finditer(rf"(?<=by ){re.escape(way)}", scene.facts):
            name(*found.span(), "X", Part(way, way, _THINGS[False]))
    for found in _DIRECTION.finditer(scene.facts):
        name(*found.span(1), "D", Part(found[1], found[1], {}))
    parts: dict[str, Part] = {}
    facts, at = "", 0
    for start, end, kind, part in sorted(named, key=lambda n: n[:2]):
        blank = next(
            (b for b in _BLANKS[kind] if b not in parts or parts[b].name == part.name), None
        )
        if blank is None:
            continue
        parts.setdefault(blank, part)
        with_article = re.match(r"(?:[Aa]n?|[Ss]ome) ", scene.facts[start:end])
        indefinite = kind == "X" and with_article and part.name != part.indefinite
        facts += scene.facts[at:start] + (f"{{a{blank}}}" if indefinite else f"{{{blank}}}")
        at = end
    return facts + scene.facts[at:], parts


def _kind(entity: Character | Item | Room) -> str:
    return "A" if isinstance(entity, Character) else "X" if isinstance(entity, Item) else "R"


def _part(entity: Character | Item | Room, found: str) -> Part:
    if isinstance(entity, Room):
        return Part(found, found, {})
    if isinstance(entity, Character):
        name = f"{entity.article} {entity.name}".strip()
        return Part(name, name, _PEOPLE.get(entity.pronoun, {}))
    indefinite = f"{entity.article} {entity.name}".strip()
    return Part(f"the {entity.name}", indefinite, _THINGS[entity.plural])


@cache
def settings() -> dict[str, list[Setting]]:
    """Scenes of the wide sets by kind of moment: of each at most `SCENES`."""
    found: dict[str, list[Setting]] = defaultdict(list)
    for set_seed in SETS:
        for scene in scenes(set_seed):
            facts, parts = blanked(scene)
            if len(found[facts]) < SCENES:
                found[facts].append(Setting(scene, parts))
    return dict(found)


def set_line(line: StockLine, rng: random.Random, tries: int = 8) -> Row | None:
    """`line` in a scene of its kind in which the guard lets it pass; None when there is none."""
    choices = [s for s in settings().get(line.facts, ()) if s.fits(line.prose)]
    for setting in rng.sample(choices, min(tries, len(choices))):
        row = _row(line, setting)
        if not told_faults(row.prose, setting.scene):
            return row
    return None


def staged(lines: Iterable[StockLine], rng: random.Random) -> list[Row]:
    """Every line in a scene of its kind; lines that no scene takes are left out."""
    return [row for line in lines if (row := set_line(line, rng)) is not None]


def _row(line: StockLine, setting: Setting) -> Row:
    scene = setting.scene
    prose = setting.fill(line.prose)
    return Row(scene.set, scene.step, scene.family, scene.place, scene.facts, prose)


def faults(line: StockLine, rng: random.Random, scenes: int = 6) -> list[str]:
    """What is wrong with a line, in words: it must pass the guard in every scene of its kind."""
    of_kind = settings().get(line.facts)
    if of_kind is None:
        return ["no moment of this kind ever came up"]
    fitting = [s for s in of_kind if s.fits(line.prose)]
    if not fitting:
        return ["a blank that nothing fills"]
    found: list[str] = []
    for setting in rng.sample(fitting, min(scenes, len(fitting))):
        found += told_faults(_row(line, setting).prose, setting.scene)
    return found[:2]


def main(arguments: Sequence[str]) -> int:
    lines = read_stock([Path(a) for a in arguments] or None)
    rng = random.Random(0)
    seen: dict[tuple[str, str], str] = {}
    bad = 0
    for line in lines:
        problems = faults(line, rng)
        twin = seen.setdefault((line.facts, line.prose.lower()), line.source)
        if twin != line.source:
            problems.append(f"the same as {twin}")
        bad += bool(problems)
        for problem in problems:
            print(f"{line.source} ({line.facts}): {problem}")
    kinds = len({line.facts for line in lines})
    varied = distinct_n([line.prose for line in lines], 2)
    print(
        f"{len(lines)} lines of {kinds} kinds, {bad} at fault; distinct-2 {varied:.3f}",
        file=sys.stderr,
    )
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
