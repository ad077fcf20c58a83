"""docs/codes.md: each code's first example gives that code and no other; its second gives none."""

from __future__ import annotations

import random
import re
import subprocess
from pathlib import Path

import pytest

from benchmarks.authoring import large_world
from game.authoring.check import check_world
from game.authoring.codes import CODES
from tests.authoring.test_fuzz import mutate
from tests.authoring.test_variants import WORLD as VARIED
from tests.pace import best_of, budget

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "codes.md").read_text(encoding="utf-8")
HEAD, *REST = re.split(r"^## ", PAGE, flags=re.M)
EXAMPLES = {part[:4]: re.findall(r"```(\S+)\n(.*?)```", part, re.S) for part in REST}
(WORLD,) = re.findall(r"```yaml\n(.*?)```", HEAD, re.S)


def sections(text: str) -> dict[str, str]:
    """The top-level fields of a YAML text, as written."""
    parts = re.split(r"^(?=[a-z]\w*:)", text, flags=re.M)
    return {part.split(":")[0]: part for part in parts if part.strip()}


def write(folder: Path, kind: str, example: str) -> None:
    """Put an example, completed to a world, into a folder."""
    file = folder / "world.yaml"
    if kind == "sh":
        subprocess.run(["sh", "-ec", example], cwd=folder, check=True)
        return
    if kind == "python-bytes":
        part: bytes = eval(example, {"__builtins__": {}})
        rest = "".join(v for k, v in sections(WORLD).items() if not part.startswith(k.encode()))
        file.write_bytes(rest.encode() + part)
        return
    new = sections(example)
    if example.startswith("-") or "format" in new:
        file.write_text(example)
    else:
        rest = "".join(v for k, v in sections(WORLD).items() if k not in new)
        file.write_text(rest + example)


def codes(folder: Path, kind: str, example: str) -> set[str]:
    folder.mkdir()
    write(folder, kind, example)
    return {p.code for p in check_world(folder, search=2000).problems}


def test_the_page_explains_every_code() -> None:
    assert [part.split("\n")[0] for part in REST] == [f"{c} {t}" for c, t in CODES.items()]
    assert len(CODES) >= 25
    assert all(len(examples) == 2 for examples in EXAMPLES.values())


def test_every_code_in_the_source_is_known_and_every_known_code_is_there() -> None:
    source = "".join(
        file.read_text(encoding="utf-8")
        for file in (ROOT / "game" / "authoring").rglob("*.py")
        if file.name != "codes.py"
    )
    assert set(re.findall(r'"([EW]0\d\d)"', source)) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_examples_of(code: str, tmp_path: Path) -> None:
    (kind, bad), (same, good) = EXAMPLES[code]
    assert codes(tmp_path / "bad", kind, bad) == {code}
    assert codes(tmp_path / "good", same, good) == set()


def test_a_comment_excuses_a_warning_on_its_line_or_the_next(tmp_path: Path) -> None:
    text = WORLD + "items:\n  a: {in: hall, value: 1}\n  b: {in: hall, value: 1}\n"
    (tmp_path / "world.yaml").write_text(text)
    assert [p.code for p in check_world(tmp_path).problems] == ["W006", "W006"]
    text = text.replace("  a:", "  # lint: ignore[W006]\n\n  a:").replace(
        "1}\n  b: {in: hall, value: 1}", "1}\n  b: {in: hall, value: 1}  # lint: ignore[W001, W006]"
    )
    (tmp_path / "world.yaml").write_text(text)
    assert check_world(tmp_path).problems == []


def test_a_quest_shows_its_shortest_solution(tmp_path: Path) -> None:
    write(tmp_path, "yaml", EXAMPLES["W004"][1][1])
    checked = check_world(tmp_path)
    assert checked.world is not None
    found = checked.solutions["pearl"]
    assert found.shortest and found.commands(checked.world) == ["go north", "take pearl"]


def test_a_skein_that_completes_a_quest_answers_for_it(tmp_path: Path) -> None:
    write(tmp_path, "yaml", EXAMPLES["W005"][0][1].replace("999999", "40"))
    assert [p.code for p in check_world(tmp_path, search=20).problems] == ["W005"]
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "long.skein").write_text("> wait\n" * 50)
    checked = check_world(tmp_path, search=20)
    assert checked.problems == []
    assert list(checked.skeins.values()) == ["long.skein"]


def test_a_hundred_rooms_are_checked_in_a_second(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(large_world(100))
    assert check_world(tmp_path, search=0).problems == []
    assert best_of(2, lambda: check_world(tmp_path, search=0)) < budget(1.0)


def test_no_accident_to_a_world_is_a_traceback_in_the_check(tmp_path: Path) -> None:
    template = ROOT / "game" / "authoring" / "template" / "world.yaml"
    texts = [template.read_text(encoding="utf-8"), VARIED]
    rng = random.Random(23)
    playable = 0
    for n in range(150):
        text = mutate(texts[n % 2], rng)
        (tmp_path / "world.yaml").write_text(text, encoding="utf-8", errors="surrogatepass")
        checked = check_world(tmp_path, search=30)
        assert checked.world is not None or checked.errors
        assert all(p.place.line >= 1 and str(p) and p.code in CODES for p in checked.problems)
        playable += checked.world is not None
    assert 0 < playable < 150
