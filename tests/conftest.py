"""Fixtures for every test: a home folder of its own, so that no test touches the player's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine must not fail a test by its clock, and an automated run must be repeatable.
settings.register_profile("limelight", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("limelight")
# Tests run side by side on all cores, where threads that spin take the time of the other's.
os.environ.setdefault("GOMP_SPINCOUNT", "0")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's GAME_HOME; the folder does not exist until the game makes it."""
    folder = tmp_path_factory.mktemp("player") / "home"
    monkeypatch.setenv("GAME_HOME", str(folder))
    return folder
