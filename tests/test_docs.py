"""The examples in the docs run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = [
    (page.relative_to(ROOT).as_posix(), number, code)
    for page in sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    if page.exists()
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S))
]


@pytest.mark.parametrize(("page", "number", "code"), EXAMPLES)
def test_python_examples_run(
    page: str, number: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(code, f"{page}[{number}]", "exec"), {})
