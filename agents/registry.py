"""Versions of what was trained: added whole, one active for each model, and always revertible.

`adapters_dir()` holds one folder a version, and `active.json`, which says for each kind and base
model which version plays and which played before it. A version is written under a hidden name and
renamed when complete, so a reader never sees half of one; writers take turns by a lock file that
the system releases when a process dies.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from agents.versions import (
    ADAPTER,
    CARD,
    KINDS,
    MAIN,
    AdapterError,
    Version,
    check_files,
    damaged,
    pack,
    read_card,
    unpack,
    write_json,
    write_version,
)
from game import paths
from game.errors import UsageError

SHIPPED = "shipped"  # the read-only version that comes with the game
BARE = "none"  # no adapter: the base model as it is
_ACTIVE = "active.json"


class Registry:
    """The versions in one folder, with those that are shipped. Safe to use from many processes."""

    def __init__(self, folder: Path | None = None, shipped: Path | None = None) -> None:
        """`folder` defaults to the player's adapters, `shipped` to `agents/`.

        The shipped version of a kind lies in `shipped`/<kind>/adapter, in the form that
        `write_version` gives it. Nothing is created before something is added.
        """
        self.folder = folder or paths.home() / "adapters"
        self._shipped = shipped or Path(__file__).parent

    # ---- reading

    def versions(self, what: str | None = None) -> list[Version]:
        """Every readable version, the shipped ones first, then by age; `what` keeps one kind."""
        found = [v for v in map(self._shipped_version, KINDS) if v is not None]
        mine = []
        for folder in self._folders():
            with contextlib.suppress(AdapterError):
                mine.append(read_card(folder))
        found += sorted(mine, key=lambda v: (v.created, v.id))
        return [v for v in found if what in (None, v.what)]

    def damaged(self) -> list[str]:
        """The ids of versions whose card cannot be read."""
        broken = []
        for folder in self._folders():
            try:
                read_card(folder)
            except AdapterError:
                broken.append(folder.name)
        return broken

    def get(self, version_id: str, what: str = "narrator") -> Version:
        """The version of that id (`what` says which "shipped" is meant).

        Raises UsageError when there is none, AdapterError when its card is damaged.
        """
        version = self._shipped_version(what) if version_id == SHIPPED else None
        if version is not None:
            return version
        if version_id in {folder.name for folder in self._folders()}:
            return read_card(self.folder / version_id)
        known = ", ".join(v.id for v in self.versions())
        raise UsageError(
            f"There is no version {version_id!r}.",
            f"Versions here: {known}." if known else "Nothing has been trained yet.",
        )

    def path(self, version: Version) -> Path:
        """The folder of `version`."""
        if version.id == SHIPPED:
            return self._shipped / version.what / "adapter"
        return self.folder / version.id

    def by_adapter_hash(self, adapter_hash: str) -> Version | None:
        """The version whose adapter.gguf is the `adapter_id` of a logged generation."""
        return next((v for v in self.versions() if v.adapter_hash == adapter_hash), None)

    def active_version(self, what: str, base: str, source: str = "") -> Version | None:
        """The version that plays with the model `base`: the one chosen, else the shipped one.

        `source` is the hash of the file that `base` was prepared from, if any: a shipped version
        is found by either, because requantising may round differently on another processor.
        None: the bare model plays. Raises AdapterError when the chosen one is damaged or gone.
        """
        chosen = self._active().get(_key(what, base))
        if chosen is None:
            shipped = self._shipped_version(what)
            return shipped if shipped and shipped.base in (base, source) else None
        if chosen["id"] == BARE:
            return None
        try:
            return self.get(chosen["id"], what)
        except UsageError as error:
            raise AdapterError(
                f"The active version {chosen['id']} is gone from {self.folder}.",
                "Go back with `game adapters rollback`.",
            ) from error

    def active(self, what: str, base: str, source: str = "") -> Path | None:
        """The file of the version that plays with the model `base`, or None for the bare model.

        As `active_version`; also raises AdapterError when the file is cut short or missing.
        """
        version = self.active_version(what, base, source)
        if version is None:
            return None
        main = MAIN[what]
        path = self.path(version) / main
        try:
            with path.open("rb") as file:
                sound = file.read(4) == b"GGUF" or main != ADAPTER
        except OSError:
            sound = False
        if not sound:
            raise damaged(version.id, f"{main} is missing or no GGUF file")
        return path

    def active_stamp(self) -> tuple[int, int]:
        """A value that changes whenever any choice of `active` does; costs one file status."""
        try:
            status = (self.folder / _ACTIVE).stat()
        except OSError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_ino)

    # ---- writing

    def add(
        self,
        adapter: Path,
        peft: Path | None = None,
        *,
        what: str,
        base: str,
        base_name: str = "",
        parent: str | None = None,
        seed: int | None = None,
        data: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> Version:
        """Keep a copy of a trained adapter (and the peft folder it came from) as a new version.

        It is not made active. Raises AdapterError, having changed nothing, when it cannot be
        written.
        """
        if what not in KINDS:
            raise ValueError(f"what must be one of {KINDS}, not {what!r}")
        draft = Version(
            "", what, base, "", "", {}, base_name, parent, seed, dict(data or {}),
            dict(metrics or {}),
        )  # fmt: skip
        with self._changing(), self._draft() as folder:
            version = write_version(folder, adapter, peft, replace(draft, id=self._next_id(what)))
            folder.rename(self.folder / version.id)
        return version

    def activate(
        self, version_id: str, base: str, source: str = "", what: str = "narrator"
    ) -> None:
        """Make a version the one that plays with the model `base`, after checking its files.

        `version_id` may be "shipped" or "none" (the bare model), of the kind `what`; a version of
        the player's own knows its kind. `source` is as for `active_version`. Raises UsageError
        when there is no such version, AdapterError when it is damaged or for another model.
        """
        if version_id != BARE:
            version = self.get(version_id, what)
            what = version.what
            if version.base not in (base, source):
                raise AdapterError(
                    f"The version {version_id} was trained on another model"
                    f" ({version.base_name or version.base}) than the one that plays.",
                    "Choose that model first, or train a version for this one.",
                )
            check_files(self.path(version), version)
        with self._changing():
            if version_id not in (BARE, SHIPPED) and not self._has(version_id):
                raise AdapterError(f"The version {version_id} was removed just now.")
            state = self._active()
            key = _key(what, base)
            entry = state.get(key, {"id": None, "before": []})
            if entry["id"] != version_id:
                state[key] = {"id": version_id, "before": [*entry["before"], entry["id"]]}
                write_json(self.folder / _ACTIVE, state)

    def rollback(self, what: str, base: str) -> None:
        """Let play again what played with the model `base` before the last choice.

        Versions removed since are passed over. Raises AdapterError when nothing was ever chosen.
        """
        with self._changing():
            state = self._active()
            entry = state.pop(_key(what, base), None)
            if entry is None:
                raise AdapterError(
                    f"There is no earlier {what} to go back to for this model.",
                    "`game adapters list` shows what there is.",
                )
            before = [i for i in entry["before"] if i in (None, BARE, SHIPPED) or self._has(i)]
            if before and before[-1] is not None:
                state[_key(what, base)] = {"id": before[-1], "before": before[:-1]}
            write_json(self.folder / _ACTIVE, state)

    def remove(self, version_id: str) -> None:
        """Delete a version that is not active. Raises AdapterError or UsageError."""
        if version_id == SHIPPED:
            raise AdapterError(
                "The shipped version is part of the game.",
                "`game adapters use none` plays without it.",
            )
        with self._changing():
            if version_id not in {folder.name for folder in self._folders()}:
                self.get(version_id)  # says which there are
            state = self._active()
            if version_id in {entry["id"] for entry in state.values()}:
                raise AdapterError(
                    f"The version {version_id} is active.",
                    "Go back first: `game adapters rollback`.",
                )
            # Out of sight in one step: an interrupted deletion leaves a draft, not half a version.
            doomed = self.folder / f".{version_id}.part"
            (self.folder / version_id).rename(doomed)
            shutil.rmtree(doomed)

    def export(self, version_id: str, target: Path, what: str = "narrator") -> Version:
        """Write a version as a zip file to `target`, which appears when complete."""
        version = self.get(version_id, what)
        check_files(self.path(version), version)
        try:
            pack(self.path(version), version, target)
        except OSError as error:
            raise AdapterError(
                f"{target} cannot be written: {error.strerror or error}.",
                "Choose another place, or free some space.",
            ) from error
        return version

    def import_(self, source: Path) -> Version:
        """Add the version in a zip file that `export` wrote, or in a folder that the school wrote,
        under a new id, not made active.

        Raises AdapterError when `source` is neither, damaged, or holds what is here already.
        """
        with self._changing(), self._draft() as folder:
            unpack(source, folder)
            try:
                card = read_card(folder)
                check_files(folder, card)
            except AdapterError as error:
                raise AdapterError(
                    f"{source.name} was damaged on its way: {error.message}",
                    "Copy or export the file again.",
                ) from error
            if known := self.by_adapter_hash(card.adapter_hash):
                raise AdapterError(f"{source.name} is here already, as {known.id}.")
            # Ids count one player's versions, so another's parent is nobody here.
            parent = SHIPPED if card.parent == SHIPPED else None
            version = replace(card, id=self._next_id(card.what), parent=parent)
            write_json(folder / CARD, asdict(version))
            folder.rename(self.folder / version.id)
        return version

    # ---- inside

    def _folders(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(p for p in self.folder.iterdir() if p.is_dir() and p.name[0] != ".")

    def _has(self, version_id: str) -> bool:
        return (self.folder / version_id / CARD).is_file()

    def _shipped_version(self, what: str) -> Version | None:
        folder = self._shipped / what / "adapter"
        if not (folder / CARD).is_file():
            return None
        return replace(read_card(folder), id=SHIPPED, what=what)

    def _next_id(self, what: str) -> str:
        """An id that names no version and that nothing remembers as a removed one's."""
        taken = {folder.name for folder in self._folders()}
        taken |= {version.parent for version in self.versions() if version.parent}
        for entry in self._active().values():
            taken |= {i for i in entry["before"] if i}
        numbers = [
            int(number)
            for kind, _, number in (name.partition("-") for name in taken)
            if kind == what and number.isdigit()
        ]
        return f"{what}-{max(numbers, default=0) + 1}"

    def _active(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads((self.folder / _ACTIVE).read_text(encoding="utf-8"))
            if all(isinstance(e["id"], str) and e["before"] for e in state.values()):
                return state
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
        raise AdapterError(
            f"{self.folder / _ACTIVE} cannot be read.",
            "Delete that file, and choose the version again with `game adapters use`.",
        )

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock that one writer at a time has; a full disk becomes an AdapterError."""
        paths.ensure(self.folder)
        try:
            with (self.folder / ".lock").open("a+b") as file, _locked(file):
                yield
        except OSError as error:
            raise AdapterError(
                f"The trained versions in {self.folder} cannot be changed: "
                f"{error.strerror or error}.",
                "Nothing was lost. Free some space, or check the folder's permissions.",
            ) from error

    @contextlib.contextmanager
    def _draft(self) -> Iterator[Path]:
        """A hidden folder to fill and rename. Needs the lock: it sweeps those of dead writers."""
        for stale in self.folder.glob(".*.part"):
            shutil.rmtree(stale, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(dir=self.folder, prefix=".", suffix=".part"))
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _key(what: str, base: str) -> str:
    return f"{what}:{base}"


@contextlib.contextmanager
def _locked(file: IO[bytes]) -> Iterator[None]:
    """Wait for, and hold, the only lock there is on `file`."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
        yield
