"""Everything that is wrong with a world, and everything that will disappoint."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from game.authoring.codes import CODES
from game.authoring.lint import rules, text, things, ways
from game.authoring.load import WORLD_FILE, in_order
from game.authoring.problems import Path, Place, Problem, Report
from game.authoring.reading import Reading, read
from game.authoring.references import Index
from game.authoring.skein import read_skein
from game.authoring.skein_run import quests_completed
from game.authoring.solver import Search, complete_quest
from game.engine.model import World
from game.errors import WorldError

#: How many situations the search for a quest's solution looks at.
SEARCH = 10_000
_IGNORE = re.compile(r"#\s*lint:\s*ignore\[([^\]]*)\]")


@dataclass(slots=True)
class Checked:
    """`problems` are errors and warnings in file order; `world` is None when there are errors.

    `solutions` has what the search for each quest's completion came to, `skeins` the skein that
    completes a quest for which it found nothing.
    """

    world: World | None
    problems: list[Problem] = field(default_factory=list)
    solutions: dict[str, Search] = field(default_factory=dict)
    skeins: dict[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.is_error]

    @property
    def warnings(self) -> list[Problem]:
        return [p for p in self.problems if not p.is_error]


def check_world(path: FilePath, search: int = SEARCH) -> Checked:
    """Check a world file or folder; with `search` 0, quests are not played through."""
    file = path / WORLD_FILE if path.is_dir() else path
    reading = read(file)
    if reading.world is None or reading.spec is None:
        return Checked(None, in_order(reading.source.problems, file.name))
    world, source = reading.world, reading.source
    found: dict[tuple[Place, str, str], Problem] = {}

    def warn(path: Path, code: str, message: str) -> None:
        place = reading.place(path)
        found.setdefault((place, code, message), Problem(place, path, code, message))

    defined = Index(reading.spec, lambda *_: None).defined
    ways.lint(world, reading.spec, defined, warn)
    things.lint(world, defined, warn)
    rules.lint(world, reading.spec, source.data, warn)
    text.lint(source.data, warn)
    idle = {p.path[1] for p in found.values() if p.code == "W016"}
    quests = [q for q in world.quests if q not in idle] if search else []
    checked = Checked(world)
    _play_through(checked, world, quests, search, file.parent / "tests", warn)
    checked.problems = in_order(_not_ignored(reading, list(found.values())), file.name)
    return checked


def _play_through(
    checked: Checked, world: World, quests: list[str], search: int, tests: FilePath, warn: Report
) -> None:
    played: dict[str, str] | None = None
    for quest in quests:
        found = checked.solutions[quest] = complete_quest(world, quest, search)
        if found.actions is None:
            looked = f"{found.states:,} situations"
            if found.exhausted:
                warn(("quests", quest), "W004", f"cannot be completed: tried all {looked}")
                continue
            played = _played(world, tests) if played is None else played
            if quest in played:
                checked.skeins[quest] = played[quest]
            else:
                message = f"no way to complete it was found in {looked}: write a skein that does"
                warn(("quests", quest), "W005", message)


def _played(world: World, tests: FilePath) -> dict[str, str]:
    """The quests that the world's own skeins complete, and which skein does."""
    found: dict[str, str] = {}
    for file in sorted(tests.glob("*.skein")):
        try:
            for quest in quests_completed(world, read_skein(file, world)):
                found.setdefault(quest, file.name)
        except WorldError:
            continue  # `game world test` says what is wrong with it
    return found


def _not_ignored(reading: Reading, problems: list[Problem]) -> list[Problem]:
    """The problems that no `# lint: ignore[...]` excuses, and those of the comments themselves.

    A comment holds for its own line; one that stands alone, for the next line with anything on it.
    """
    excused: set[tuple[str, int, str]] = set()
    strange = []
    for name, content in reading.source.texts.items():
        lines = content.split("\n")
        for number, line in enumerate(lines, 1):
            comment = _IGNORE.search(line)
            if comment is None:
                continue
            at = number
            while at <= len(lines) and not lines[at - 1].split("#")[0].strip():
                at += 1
            for code in (c.strip() for c in comment[1].split(",")):
                excused.add((name, at, code))
                if code not in CODES:
                    place = Place(name, number, comment.start() + 1)
                    strange.append(Problem(place, (), "W020", f"there is no code {code!r}"))
    kept = [p for p in problems if (p.place.file, p.place.line, p.code) not in excused]
    return kept + strange
