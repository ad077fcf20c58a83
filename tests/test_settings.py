"""Settings survive a round trip; a bad file is refused with its line, key and remedy."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game import paths, settings
from game.errors import SettingsError
from game.settings import Settings


def write(home: Path, text: str) -> Path:
    home.mkdir(exist_ok=True)
    path = home / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_apply(home: Path) -> None:
    assert settings.load() == Settings()
    assert not home.exists()


def test_a_saved_setting_is_loaded_and_documented() -> None:
    path = settings.save(dataclasses.replace(Settings(), temperature=0.4, llm=False))
    assert path == paths.settings_file()
    assert settings.load() == Settings(temperature=0.4, llm=False)
    text = path.read_text()
    for name, field in settings.FIELDS.items():
        assert f"# {field.metadata['help']}\n{name} = " in text


def test_saving_leaves_no_other_file_behind(home: Path) -> None:
    settings.save(Settings())
    settings.save(Settings(text_speed=40))
    assert [p.name for p in home.iterdir()] == ["settings.toml"]
    assert settings.load().text_speed == 40


def test_a_partial_file_keeps_the_other_defaults(home: Path) -> None:
    write(home, "temperature = 1\n")
    loaded = settings.load()
    assert loaded == Settings(temperature=1.0)
    assert type(loaded.temperature) is float


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("llm = true\ntemprature = 0.5\n", r"settings\.toml:2: unknown setting 'temprature'.*"
         r"Did you mean temperature\?"),
        ("\n\nnonsense_xyz = 1\n", r":3: unknown setting 'nonsense_xyz'.*Settings are: model, llm"),
        ("llm = 'yes'\n", r":1: llm = 'yes' cannot be used; it takes true or false.*Default: true"),
        ("llm = 1\n", r"llm = 1 cannot be used"),
        ("text_speed = true\n", r"text_speed = True cannot be used; it takes a whole number"),
        ("theme = ''\ntemperature = 3.0\n", r":2: temperature = 3\.0 cannot be used.*from 0"),
        ("min_p = nan\n", r"min_p = nan cannot be used"),
        ("text_speed = -1\n", r"text_speed = -1 cannot be used"),
        ("[llm]\non = true\n", r":1: llm = \{'on': True\} cannot be used"),
        ("llm = \n", r"not valid TOML.*line 1"),
    ],
)  # fmt: skip
def test_a_bad_file_names_line_key_and_remedy(home: Path, text: str, complaint: str) -> None:
    write(home, text)
    with pytest.raises(SettingsError, match=f"(?s){complaint}"):
        settings.load()


def test_a_file_that_is_not_text_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="Cannot read"):
        settings.load()


def test_a_value_out_of_range_is_never_written(home: Path) -> None:
    with pytest.raises(SettingsError, match="temperature = 9"):
        settings.save(Settings(temperature=9.0))
    assert not home.exists()


text = st.text(st.characters(exclude_categories=["Cs"]))


@given(model=text, theme=text, min_p=st.floats(0, 1), speed=st.integers(0, 10**6))
def test_what_is_written_is_valid_toml_and_reads_back(
    model: str, theme: str, min_p: float, speed: int
) -> None:
    written = Settings(model=model, theme=theme, min_p=min_p, text_speed=speed)
    assert tomllib.loads(settings.dumps(written)) == dataclasses.asdict(written)
