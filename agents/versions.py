"""One trained version as a folder or a zip file: its files, their hashes and its card."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from game import atomic
from game.errors import GameError, UsageError

KINDS = ("narrator", "cast")
ADAPTER = "adapter.gguf"
#: The file that plays, by kind: an adapter for a model, or a whole network.
MAIN = {"narrator": ADAPTER, "cast": "thespian.safetensors"}
CARD = "version.json"
PEFT = ("adapter_config.json", "adapter_model.safetensors")
_FILES = (*MAIN.values(), *(f"peft/{name}" for name in PEFT))
_LARGEST = 2 << 30  # bytes; nothing written here comes near, so a bigger member is no version


class AdapterError(GameError):
    """A trained version is damaged, does not fit, or cannot be changed as asked."""


@dataclass(frozen=True, slots=True)
class Version:
    """What was trained, from what, and how well: the contents of version.json.

    `base` is the `weights_hash` of the model file it was trained on, `adapter_hash` that of
    adapter.gguf (the `adapter_id` of the generations it tells). A cast stands by itself: its `base`
    is `agents.thespian.playbill.BASE`, its hash the SHA-256 of its network's file. `parent` is the
    version training started from. `data` and `metrics` are the trainer's own words: counts,
    settings, results. `files` gives the SHA-256 of each file by its name in the folder. `created`
    is ISO 8601, UTC.
    """

    id: str
    what: str
    base: str
    adapter_hash: str
    created: str
    files: dict[str, str]
    base_name: str = ""
    parent: str | None = None
    seed: int | None = None
    data: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)


def write_version(folder: Path, adapter: Path, peft: Path | None, draft: Version) -> Version:
    """Fill `folder` with copies of the files and their version.json.

    Of `draft` the hashes and the time are filled in. OSError when something cannot be written.
    """
    from game.llm.llama import weights_hash

    main = MAIN[draft.what]
    sources = {main: adapter}
    if peft is not None:
        sources |= {f"peft/{name}": peft / name for name in PEFT}
    for name, source in sources.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        with target.open("rb+") as file:
            os.fsync(file.fileno())
    version = replace(
        draft,
        adapter_hash=(weights_hash if main == ADAPTER else _sha256)(folder / main),
        created=datetime.now(UTC).isoformat(timespec="milliseconds"),
        files={name: _sha256(folder / name) for name in sources},
    )
    write_json(folder / CARD, asdict(version))
    return version


def read_card(folder: Path) -> Version:
    """The version.json in `folder`. Raises AdapterError when it is none."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        version = Version(**{f.name: card[f.name] for f in fields(Version)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(folder.name, f"{CARD} cannot be read") from error
    texts = (version.id, version.base, version.adapter_hash, version.created, version.base_name)
    sound = all(isinstance(text, str) for text in texts) and version.what in KINDS
    if not sound or MAIN[version.what] not in version.files or set(version.files) - set(_FILES):
        raise damaged(folder.name, f"{CARD} describes no version")
    return version


def unpack(source: Path, folder: Path) -> None:
    """Take the files of a version, and nothing else, from `source`: a zip file or a folder."""
    if source.is_dir():
        for name in (CARD, *read_card(source).files):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(source / name, folder / name)
        return
    try:
        with zipfile.ZipFile(source) as archive:
            present = set(archive.namelist())
            if CARD not in present or present.isdisjoint(MAIN.values()):
                raise zipfile.BadZipFile("no version in it")
            for name in (CARD, *_FILES):
                if name not in present:
                    continue
                if archive.getinfo(name).file_size > _LARGEST:
                    raise zipfile.BadZipFile(f"{name} is too big")
                target = folder / name
                target.parent.mkdir(exist_ok=True)
                with archive.open(name) as packed, target.open("wb") as file:
                    shutil.copyfileobj(packed, file)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, RuntimeError) as error:
        raise AdapterError(
            f"{source} holds no exported version ({error}).",
            "Give a zip file that `game adapters export` wrote.",
        ) from error
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {source}.", "Check the path.") from error


def pack(folder: Path, version: Version, target: Path) -> None:
    """Write the version in `folder` to the zip file `target`, which appears when complete.

    OSError when it cannot be written.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w") as archive:
            for name in (CARD, *version.files):
                archive.write(folder / name, name)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def check_files(folder: Path, version: Version) -> None:
    """Compare every file with its SHA-256. Raises AdapterError at the first difference."""
    for name, digest in version.files.items():
        try:
            found = _sha256(folder / name)
        except OSError as error:
            raise damaged(version.id, f"{name} cannot be read") from error
        if found != digest:
            raise damaged(version.id, f"{name} was changed or cut short")


def damaged(version_id: str, reason: str) -> AdapterError:
    return AdapterError(
        f"The version {version_id} is damaged: {reason}.",
        "Choose another with `game adapters use`, or import it again.",
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, value: object) -> None:
    """Write `value` so that a reader sees the old file or the new one, never a part."""
    atomic.write_text(path, json.dumps(value, ensure_ascii=False, indent=1))
