"""Set-up refuses a machine that lacks something in one line, and the wheel holds the whole game."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.pace import budget

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): Version(version) for name, version in pairs}


REQUIREMENTS = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]


@pytest.mark.parametrize("text", REQUIREMENTS)
def test_every_requirement_is_pinned_within_its_range(text: str) -> None:
    requirement = Requirement(text)
    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])


def test_no_pin_is_a_local_version() -> None:
    assert [name for name, version in pins().items() if version.local] == []


def test_every_import_of_the_game_is_a_requirement() -> None:
    """Only what pyproject.toml names, so that an install without the dev extra plays.

    The environments in the research libraries' form may import what the research extra names.
    """
    distributions = {
        "llama_cpp": "llama-cpp-python",
        "pydantic_core": "pydantic",
        "ruamel": "ruamel-yaml",
        "sqlite_utils": "sqlite-utils",
    }
    required = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    doors = {
        "agents/env.py": "research",
        "agents/envs/parallel.py": "research",
        "agents/envs/spaces.py": "research",
        "agents/executor.py": "ray",
    }
    extras = {
        extra: {canonicalize_name(Requirement(text).name) for text in texts}
        for extra, texts in PROJECT["optional-dependencies"].items()
    }
    ours = {"game", "agents", "__future__"} | sys.stdlib_module_names
    missing = {
        f"{file.relative_to(ROOT)}: {name}"
        for package in ("game", "agents")
        for file in (ROOT / package).rglob("*.py")
        for name in imports(file)
        if name not in ours
        and canonicalize_name(distributions.get(name, name))
        not in required | extras.get(doors.get(file.relative_to(ROOT).as_posix(), ""), set())
    }
    assert missing == set()


def imports(file: Path) -> set[str]:
    """Top-level names of the absolute imports in a file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.fixture
def bare(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs setup.sh in a copy, on a PATH with the given tools and the plain Unix ones only."""
    (tmp_path / "scripts").mkdir()
    for name in ("scripts/setup.sh", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    tools = tmp_path / "bin"
    tools.mkdir()

    def run(*names: str, **environment: str) -> subprocess.CompletedProcess[str]:
        for name in ("dirname", "cksum", "cat", "head", *names):
            found = shutil.which(name)
            assert found, name
            (tools / name).symlink_to(found)
        return subprocess.run(
            [shutil.which("sh") or "/bin/sh", "scripts/setup.sh"],
            cwd=tmp_path,
            env={"PATH": str(tools), **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.mark.skipif(sys.platform == "win32", reason="setup.sh is for Unix")
class TestSetupScript:
    def test_no_python_is_one_line(self, bare: Callable[..., subprocess.CompletedProcess]) -> None:
        result = bare()
        assert result.returncode == 1
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        assert line.startswith("setup: Python 3.11 or newer is missing; install it: ")

    def test_an_old_python_that_was_asked_for_is_one_line(
        self, bare: Callable[..., subprocess.CompletedProcess]
    ) -> None:
        result = bare("false", PYTHON="false")
        assert result.returncode == 1
        (line,) = result.stderr.splitlines()
        assert "PYTHON=false is not Python 3.11 or newer" in line

    def test_no_compiler_is_one_line_before_anything_is_made(
        self, bare: Callable[..., subprocess.CompletedProcess], tmp_path: Path
    ) -> None:
        # This test's own environment has ensurepip only where its base interpreter has.
        base = os.path.realpath(sys.executable)
        result = bare(PYTHON=base)
        assert result.returncode == 1
        (line,) = result.stderr.splitlines()
        assert line.startswith("setup: A C++ compiler is missing")
        assert "install it: " in line
        assert not (tmp_path / ".venv").exists()

    def test_when_nothing_changed_it_takes_no_time(
        self, bare: Callable[..., subprocess.CompletedProcess], tmp_path: Path
    ) -> None:
        environment = tmp_path / ".venv"
        environment.mkdir()
        sums = subprocess.run(
            ["cksum", "pyproject.toml", "constraints.txt"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        (environment / ".limelight-setup").write_text(f"{tmp_path.resolve()}\n{sums}")
        start = time.perf_counter()
        result = bare()
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        assert time.perf_counter() - start < budget(0.5)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel, unpacked as an install would lay it out."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_code_and_worlds_and_nothing_else(installed: Path) -> None:
    (info,) = installed.glob("*.dist-info")
    assert {p.name for p in installed.iterdir()} == {"game", "agents", info.name}
    assert "game = game.cli:main" in (info / "entry_points.txt").read_text()
    shipped = {p.parent.name for p in (installed / "game" / "worlds").glob("*/world.yaml")}
    assert shipped == {p.parent.name for p in (ROOT / "worlds").glob("*/world.yaml")}


@pytest.mark.skipif(sys.platform != "linux", reason="the data folder is set by XDG_DATA_HOME")
def test_an_installed_game_finds_its_worlds_and_home_from_any_folder(
    installed: Path, tmp_path: Path
) -> None:
    code = (
        "import game; from game import paths; print(game.__file__); print(paths.home());"
        "print(*paths.list_worlds())"
    )
    environment = {k: v for k, v in os.environ.items() if k != "GAME_HOME"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(installed), "XDG_DATA_HOME": str(tmp_path / "xdg")},
        capture_output=True,
        text=True,
        check=True,
    )
    file, home, worlds = done.stdout.splitlines()
    assert Path(file) == installed / "game" / "__init__.py"
    assert Path(home) == tmp_path / "xdg" / "limelight"
    assert worlds.split() == sorted(p.parent.name for p in (ROOT / "worlds").glob("*/world.yaml"))
