"""Starting is quick: the command line loads no heavy library before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
import time

HEAVY = {
    "accelerate",
    "gguf",
    "huggingface_hub",
    "llama_cpp",
    "llm",
    "numpy",
    "peft",
    "pydantic",
    "rich",
    "ruamel",
    "sqlite_utils",
    "textual",
    "torch",
    "transformers",
}


def modules_after(code: str) -> set[str]:
    """Top-level names in sys.modules after running `code` in a fresh interpreter."""
    probe = f"{code}\nimport json, sys\nprint(json.dumps([m.split('.')[0] for m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    assert modules_after("import game.cli") & HEAVY == set()


def test_help_loads_nothing_heavy() -> None:
    assert modules_after("from game.cli import main; main(['--help'])") & HEAVY == set()


def test_help_answers_at_once() -> None:
    """Well under 0.3 s; the best of five, for the machine may be busy with other tests."""

    def seconds() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "game", "--help"], capture_output=True, check=True)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(5)) < 0.3


def test_settings_and_paths_load_nothing_heavy() -> None:
    assert modules_after("import game.settings; game.settings.load()") & HEAVY == set()
