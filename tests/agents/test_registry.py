"""Versions are added whole, chosen for one model, taken back, and survive bad disks and rivals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from agents import lm, versions
from agents.gguf import base_hash, read_peft, write_adapter
from agents.registry import Registry
from agents.versions import AdapterError, Version, write_version
from game.errors import UsageError
from game.llm.base import Prompt, Segment
from game.llm.llama import LlamaModel, weights_hash

BASE, OTHER = "b" * 16, "c" * 16


@pytest.fixture
def registry(home: Path, tmp_path: Path) -> Registry:
    """An empty registry in this test's home, with nothing shipped."""
    return Registry(shipped=tmp_path / "agents")


def adapter_file(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "made.gguf"
    path.write_bytes(b"GGUF" + content)
    return path


def add(registry: Registry, tmp_path: Path, content: bytes, **kwargs: object) -> Version:
    made = adapter_file(tmp_path / "made", content)
    options: dict = {"what": "narrator", "base": BASE, **kwargs}
    return registry.add(made, **options)


def ship(folder: Path, base: str = BASE) -> None:
    """Put a shipped narrator beside the agents in `folder`."""
    target = folder / "narrator" / "adapter"
    target.mkdir(parents=True)
    made = adapter_file(folder.parent / "school", b"schooled")
    write_version(target, made, None, Version("", "narrator", base, "", "", {}, "small.gguf"))


def contents(folder: Path) -> dict[str, bytes]:
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != ".lock")
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


def test_nothing_is_made_by_looking(registry: Registry, home: Path) -> None:
    assert registry.versions() == [] and registry.active("narrator", BASE) is None
    assert registry.active_stamp() == (0, 0)
    assert not home.exists()


def test_a_version_keeps_what_it_was_told(registry: Registry, tmp_path: Path) -> None:
    peft = tmp_path / "peft"
    peft.mkdir()
    for name in versions.PEFT:
        (peft / name).write_text(name)
    made = adapter_file(tmp_path / "made", b"one")
    version = registry.add(
        made, peft, what="narrator", base=BASE, base_name="small.gguf", parent="shipped", seed=7,
        data={"votes": 300}, metrics={"auc": 0.71},
    )  # fmt: skip
    made.unlink()
    assert version.id == "narrator-1" and version.created.endswith("+00:00")
    again = Registry(registry.folder).get("narrator-1")
    assert again == version
    assert (again.seed, again.data, again.metrics) == (7, {"votes": 300}, {"auc": 0.71})
    folder = registry.path(version)
    assert (folder / "adapter.gguf").read_bytes() == b"GGUFone"
    assert (folder / "peft" / "adapter_config.json").read_text() == "adapter_config.json"
    assert registry.by_adapter_hash(version.adapter_hash) == version
    assert registry.by_adapter_hash("0" * 16) is None
    assert registry.active("narrator", BASE) is None  # adding is not choosing


def test_each_model_and_kind_has_its_own_choice(registry: Registry, tmp_path: Path) -> None:
    one = add(registry, tmp_path, b"one")
    two = add(registry, tmp_path, b"two", base=OTHER)
    cast = add(registry, tmp_path, b"three", what="cast")
    assert [v.id for v in registry.versions()] == ["narrator-1", "narrator-2", "cast-1"]
    assert [v.id for v in registry.versions("cast")] == ["cast-1"]
    registry.activate(one.id, BASE)
    registry.activate(cast.id, BASE)
    assert registry.active("narrator", BASE) == registry.path(one) / "adapter.gguf"
    assert registry.active("cast", BASE) == registry.path(cast) / "thespian.safetensors"
    assert registry.active("narrator", OTHER) is None
    with pytest.raises(AdapterError, match="trained on another model"):
        registry.activate(two.id, BASE)


def test_rolling_back_walks_through_what_played(registry: Registry, tmp_path: Path) -> None:
    ship(tmp_path / "agents")
    one, two, three = (add(registry, tmp_path, name) for name in (b"one", b"two", b"three"))

    def playing() -> str | None:
        version = registry.active_version("narrator", BASE)
        return version and version.id

    assert playing() == "shipped"
    for version in (one, two, three):
        registry.activate(version.id, BASE)
    registry.activate(three.id, BASE)  # choosing it again is no step
    registry.activate("none", BASE)
    assert playing() is None
    registry.rollback("narrator", BASE)
    assert playing() == three.id
    registry.remove(two.id)
    registry.rollback("narrator", BASE)
    assert playing() == one.id
    registry.rollback("narrator", BASE)
    assert playing() == "shipped"
    with pytest.raises(AdapterError, match="no earlier narrator"):
        registry.rollback("narrator", BASE)
    registry.activate("none", BASE)
    registry.activate("shipped", BASE)
    assert playing() == "shipped"


def test_the_shipped_version_is_found_by_the_file_it_was_prepared_from(
    registry: Registry, tmp_path: Path
) -> None:
    ship(tmp_path / "agents", base=BASE)
    here = "d" * 16
    assert registry.active("narrator", here) is None
    path = registry.active("narrator", here, source=BASE)
    assert path == tmp_path / "agents" / "narrator" / "adapter" / "adapter.gguf"
    with pytest.raises(AdapterError, match="another model"):
        registry.activate("shipped", here)
    registry.activate("shipped", here, BASE)
    with pytest.raises(AdapterError, match="part of the game"):
        registry.remove("shipped")


def test_the_active_version_cannot_be_removed(registry: Registry, tmp_path: Path) -> None:
    one, two = add(registry, tmp_path, b"one"), add(registry, tmp_path, b"two")
    registry.activate(one.id, BASE)
    with pytest.raises(AdapterError, match="narrator-1 is active"):
        registry.remove(one.id)
    registry.remove(two.id)
    with pytest.raises(UsageError, match="no version 'narrator-2'"):
        registry.get(two.id)
    with pytest.raises(UsageError, match="no version"):
        registry.remove("../narrator-1")
    assert registry.versions() == [one]


def test_ids_that_something_remembers_are_not_given_again(
    registry: Registry, tmp_path: Path
) -> None:
    one, two = add(registry, tmp_path, b"one"), add(registry, tmp_path, b"two")
    registry.activate(two.id, BASE)
    registry.activate(one.id, BASE)
    registry.remove(two.id)
    assert add(registry, tmp_path, b"three").id == "narrator-3"
    registry.rollback("narrator", BASE)
    assert registry.active("narrator", BASE) is None


def test_the_stamp_changes_with_the_choice_only(registry: Registry, tmp_path: Path) -> None:
    one = add(registry, tmp_path, b"one")
    stamps = [registry.active_stamp()]
    registry.activate(one.id, BASE)
    stamps.append(registry.active_stamp())
    add(registry, tmp_path, b"two")
    registry.activate(one.id, BASE)
    assert registry.active_stamp() == stamps[-1]
    registry.rollback("narrator", BASE)
    stamps.append(registry.active_stamp())
    assert len(set(stamps)) == 3


def test_a_version_travels_as_a_zip_file(registry: Registry, tmp_path: Path) -> None:
    first = add(registry, tmp_path, b"other")
    version = add(registry, tmp_path, b"one", parent=first.id, metrics={"auc": 0.7})
    archive = tmp_path / "given.zip"
    registry.export(version.id, archive)
    with pytest.raises(AdapterError, match="here already, as narrator-2"):
        registry.import_(archive)
    friend = Registry(tmp_path / "friend", tmp_path / "agents")
    add(friend, tmp_path, b"mine")
    got = friend.import_(archive)
    assert (got.id, got.parent, got.metrics) == ("narrator-2", None, {"auc": 0.7})
    assert got.adapter_hash == version.adapter_hash and got.created == version.created
    friend.activate(got.id, BASE)
    assert (friend.active("narrator", BASE) or Path()).read_bytes() == b"GGUFone"


def test_a_folder_of_the_school_is_taken_too(registry: Registry, tmp_path: Path) -> None:
    made = registry.path(
        add(Registry(tmp_path / "elsewhere", tmp_path / "agents"), tmp_path, b"one")
    )
    folder = tmp_path / "elsewhere" / made.name
    (folder / "notes.txt").write_text("mine")
    version = registry.import_(folder)
    assert (registry.path(version) / "adapter.gguf").read_bytes() == b"GGUFone"
    assert not (registry.path(version) / "notes.txt").exists()
    (folder / "adapter.gguf").write_bytes(b"GGUFtwo")
    before = contents(registry.folder)
    with pytest.raises(AdapterError, match="changed or cut short"):
        registry.import_(folder)
    with pytest.raises(AdapterError, match="cannot be read"):
        registry.import_(tmp_path)
    assert contents(registry.folder) == before


def test_zip_files_that_hold_no_version(registry: Registry, tmp_path: Path) -> None:
    archive = tmp_path / "given.zip"
    registry.export(add(registry, tmp_path, b"one").id, archive)
    registry.remove("narrator-1")
    before = contents(registry.folder)
    good = archive.read_bytes()
    with pytest.raises(UsageError, match="no file"):
        registry.import_(tmp_path / "none.zip")
    archive.write_bytes(good[:200])
    with pytest.raises(AdapterError, match="no exported version"):
        registry.import_(archive)
    archive.write_bytes(good.replace(b"GGUFone", b"GGUFtwo"))
    with pytest.raises(AdapterError, match="no exported version"):  # the zip's own checksum
        registry.import_(archive)

    def rewrite(**changed: bytes) -> None:
        archive.write_bytes(good)
        with zipfile.ZipFile(archive) as read:
            members = {name: read.read(name) for name in read.namelist()}
        with zipfile.ZipFile(archive, "w") as write:
            for name, data in {**members, **changed}.items():
                write.writestr(name, data)

    rewrite(**{"adapter.gguf": b"GGUFtwo"})
    with pytest.raises(AdapterError, match="changed or cut short"):
        registry.import_(archive)
    rewrite(**{"version.json": b'{"id": 3}'})
    with pytest.raises(AdapterError, match="damaged on its way"):
        registry.import_(archive)
    assert contents(registry.folder) == before
    rewrite(**{"../evil.txt": b"out", "peft/other.txt": b"more"})
    version = registry.import_(archive)
    assert not (registry.folder.parent / "evil.txt").exists()
    assert not (registry.path(version) / "peft" / "other.txt").exists()


def test_damaged_versions_are_named_and_never_chosen(registry: Registry, tmp_path: Path) -> None:
    one, two = add(registry, tmp_path, b"one"), add(registry, tmp_path, b"two")
    registry.activate(one.id, BASE)
    (registry.path(two) / "adapter.gguf").write_bytes(b"GGUF")
    with pytest.raises(AdapterError, match="narrator-2 is damaged.*cut short"):
        registry.activate(two.id, BASE)
    (registry.path(two) / "version.json").write_text("{")
    assert registry.versions() == [one] and registry.damaged() == [two.id]
    with pytest.raises(AdapterError, match="narrator-2 is damaged"):
        registry.get(two.id)
    registry.remove(two.id)
    assert registry.damaged() == []

    (registry.path(one) / "adapter.gguf").write_bytes(b"")
    with pytest.raises(AdapterError, match="narrator-1 is damaged"):
        registry.active("narrator", BASE)
    (registry.folder / "active.json").write_text("nonsense")
    with pytest.raises(AdapterError, match=r"active\.json cannot be read"):
        registry.active("narrator", BASE)


def test_a_full_disk_changes_nothing(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = add(registry, tmp_path, b"one")
    registry.activate(one.id, BASE)
    before = contents(registry.folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(AdapterError, match="No space left.*Nothing was lost"):
            add(registry, tmp_path, b"two")
        with pytest.raises(AdapterError, match="No space left"):
            registry.activate("none", BASE)
    assert {name for name in contents(registry.folder) if not name.startswith(".")} == set(before)
    assert registry.active_version("narrator", BASE) == one
    with pytest.raises(AdapterError, match="cannot be written"):
        registry.export(one.id, tmp_path / "missing" / "x.zip")


def test_what_a_dead_writer_left_is_swept(registry: Registry, tmp_path: Path) -> None:
    add(registry, tmp_path, b"one")
    half = registry.folder / ".killed.part"
    half.mkdir()
    (half / "adapter.gguf").write_bytes(b"GGUF")
    assert [v.id for v in registry.versions()] == ["narrator-1"]
    add(registry, tmp_path, b"two")
    assert not half.exists()


def test_many_processes_at_once_lose_nothing(registry: Registry, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from agents.registry import Registry\n"
        "folder, made, mark = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]\n"
        "registry = Registry(folder)\n"
        "for n in range(5):\n"
        "    made.write_bytes(b'GGUF' + f'{mark}{n}'.encode())\n"
        f"    version = registry.add(made, what='narrator', base='{BASE}', data={{'by': mark}})\n"
        f"    registry.activate(version.id, '{BASE}')\n"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, registry.folder, tmp_path / f"{mark}.gguf", mark]
        )
        for mark in "abc"
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    found = registry.versions()
    assert sorted(v.id for v in found) == sorted(f"narrator-{n}" for n in range(1, 16))
    assert sorted(v.data["by"] for v in found) == list("aaaaabbbbbccccc")
    history = json.loads((registry.folder / "active.json").read_text())[f"narrator:{BASE}"]
    assert sorted([history["id"], *history["before"][1:]]) == sorted(v.id for v in found)


def test_importing_the_registry_loads_nothing_heavy() -> None:
    script = (
        "import sys, agents.registry; "
        "assert not {'torch', 'transformers', 'peft', 'gguf', 'numpy', 'llama_cpp'} "
        "& set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_trained_adapter_plays_without_restarting(
    registry: Registry, tiny: Path, tmp_path: Path
) -> None:
    played = LlamaModel(tiny, context=64, threads=1)
    prompt = Prompt((), (Segment("You take"),))
    plain = played.next_logits(prompt)
    model = lm.load(tiny, dtype="fp32")
    model.attach_lora()
    for parameter in model.lora_parameters():
        parameter.data.fill_(0.05)
    model.save_lora(tmp_path / "peft")
    made = write_adapter(read_peft(tmp_path / "peft"), tmp_path / "a.gguf", tiny)
    base = weights_hash(tiny)
    assert base_hash(made) == base
    version = registry.add(made, tmp_path / "peft", what="narrator", base=base)
    stamp = registry.active_stamp()
    registry.activate(version.id, played.model_hash)
    assert registry.active_stamp() != stamp
    played.use_adapter(str(registry.active("narrator", played.model_hash)))
    assert played.adapter_id == version.adapter_hash
    assert abs(played.next_logits(prompt) - plain).max() > 0.1
    again = lm.load(tiny, dtype="fp32")
    again.load_lora(registry.path(version) / "peft")
    registry.rollback("narrator", played.model_hash)
    assert registry.active("narrator", played.model_hash) is None
    played.close()
