"""Settings survive a round trip; a bad file is refused with its line, key and remedy."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game import paths, settings
from game.cli import main
from game.errors import SaveError, SettingsError
from game.llm.presets import PRESETS, STEADY
from game.narrator.prose import SAMPLER
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
    path = settings.save(dataclasses.replace(Settings(), sampling="wild", llm=False))
    assert path == paths.settings_file()
    assert settings.load() == Settings(sampling="wild", llm=False)
    text = path.read_text()
    for name, field in settings.FIELDS.items():
        help, choices = field.metadata["help"], field.metadata["choices"]
        says = f"{help} One of: {', '.join(choices)}." if choices else help
        assert f"# {says}\n{name} = " in text


def test_saving_leaves_no_other_file_behind(home: Path) -> None:
    settings.save(Settings())
    settings.save(Settings(theme="matinee"))
    assert [p.name for p in home.iterdir()] == ["settings.toml"]
    assert settings.load().theme == "matinee"


def test_a_partial_file_keeps_the_other_defaults(home: Path) -> None:
    write(home, "facts = true\n")
    assert settings.load() == Settings(facts=True)


def test_saving_keeps_comments_order_and_what_other_versions_wrote(home: Path) -> None:
    before = (
        "# my settings\n\nllm = false   # the fan is loud\n"
        'theme = "matinee" # "#" is no comment in a text\n'
        'future_key = [1,\n  2]\nmodel="/a # b.gguf"\n\n[window]\ntheme = "not ours"\n'
    )
    path = write(home, before)
    settings.save(dataclasses.replace(settings.load(), llm=True, model="", server="http://x#y"))
    after = path.read_text()
    assert "# my settings\n\nllm = true  # the fan is loud\n" in after
    assert 'theme = "matinee" # "#" is no comment in a text\n' in after
    assert 'future_key = [1,\n  2]\nmodel = ""\n' in after
    assert after.endswith('[window]\ntheme = "not ours"\n')
    table = tomllib.loads(after)
    assert table["future_key"] == [1, 2] and table["window"] == {"theme": "not ours"}
    assert settings.load() == Settings(theme="matinee", server="http://x#y")
    settings.save(settings.load())
    assert path.read_text() == after


def test_a_file_that_cannot_be_edited_is_left_alone(home: Path) -> None:
    path = write(home, 'model = """\nover.gguf"""\n')
    with pytest.raises(SettingsError, match="cannot edit"):
        settings.save(Settings())
    assert path.read_text() == 'model = """\nover.gguf"""\n'


def test_a_home_that_cannot_be_written_is_a_save_error(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    with pytest.raises(SaveError, match="GAME_HOME"):
        settings.save(Settings())


def test_keys_of_other_versions_are_named_with_the_nearest_setting(home: Path) -> None:
    write(home, "llm = true\nthemes = 'x'\n\nnonsense_xyz = 1\n")
    assert settings.load() == Settings()
    theme, nonsense = settings.unknown()
    assert "settings.toml:2: 'themes' is no setting. Did you mean theme?" in theme
    assert ":4: 'nonsense_xyz' is no setting. Settings are: theme, llm" in nonsense


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("llm = 'yes'\n", r":1: llm = 'yes' cannot be used; it takes true or false.*Default: true"),
        ("llm = 1\n", r"llm = 1 cannot be used"),
        ("model = 3\n", r"model = 3 cannot be used; it takes a text"),
        ("facts = true\ntheme = 'evenings'\n",
         r":2: there is no theme 'evenings'. Did you mean evening\?.*Choose one of: evening, mat"),
        ("sampling = 'hot'\n", r":1: there is no sampling 'hot'.*steady, lively, wild"),
        ("[llm]\non = true\n", r":1: llm = \{'on': True\} cannot be used"),
        ("llm = \n", r"not valid TOML.*line 1"),
    ],
)  # fmt: skip
def test_a_bad_file_names_line_key_and_remedy(home: Path, text: str, complaint: str) -> None:
    write(home, text)
    with pytest.raises(SettingsError, match=f"(?s){complaint}"):
        settings.load()


def test_a_bad_file_ends_a_command_with_exit_code_1(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(home, "theme = 'noir'\n")
    assert main(["play", "--plain"]) == 1
    assert "there is no theme 'noir'" in capsys.readouterr().err


def test_a_file_that_is_not_text_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="Cannot read"):
        settings.load()


def test_a_value_out_of_range_is_never_written(home: Path) -> None:
    with pytest.raises(SettingsError, match="no sampling 'boiling'"):
        settings.save(Settings(sampling="boiling"))
    assert not home.exists()


text = st.text(st.characters(exclude_categories=["Cs"]))


@given(model=text, server=text, theme=st.sampled_from(sorted(settings.THEMES)), llm=st.booleans())
def test_what_is_written_is_valid_toml_and_reads_back(
    model: str, server: str, theme: str, llm: bool
) -> None:
    path = Path("settings.toml")
    first = settings.edited("", dataclasses.asdict(Settings()), path)
    written = dataclasses.asdict(Settings(model=model, server=server, theme=theme, llm=llm))
    assert tomllib.loads(settings.edited(first, written, path)) == written
    assert tomllib.loads(settings.edited("", written, path)) == written


def test_steady_sampling_is_the_narrators_own() -> None:
    assert PRESETS[STEADY].apply(SAMPLER) == SAMPLER
    assert len({(p.temperature, p.min_p) for p in PRESETS.values()}) == len(PRESETS)
