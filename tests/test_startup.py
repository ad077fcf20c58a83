"""Starting is quick: the command line loads no heavy library before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from tests.pace import best_of, budget

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
    """Starting Python itself is the peer: the command adds little to that."""

    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)

    bare = best_of(5, lambda: run("-c", "pass"), time.perf_counter)
    ours = best_of(5, lambda: run("-m", "game", "--help"), time.perf_counter)
    assert ours < bare + budget(0.3)


def test_settings_and_paths_load_nothing_heavy() -> None:
    assert modules_after("import game.settings; game.settings.load()") & HEAVY == set()
