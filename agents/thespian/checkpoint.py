"""A trained thespian on disk: one safetensors file and a model card.

The file's metadata holds the shape of the network and how it was trained, as JSON. Features are
found by code, so a file also says which `FORMAT` of them it was made for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from agents.thespian.encode import TEMPLATES
from agents.thespian.network import Shape, ThespianNet
from agents.thespian.playbill import FILE, FORMAT, SHIPPED
from agents.versions import AdapterError

__all__ = ["CARD", "FILE", "FORMAT", "Checkpoint", "digest", "fresh", "load", "save"]

CARD = "README.md"
_LEARNED = "learned."


class Checkpoint(NamedTuple):
    """A network as trained; `verbs` are those it learned to use, `about` is what its trainer noted,
    and `hash` identifies the file. `learned` holds the roles that were learned on top of it, as the
    states of their `agents.thespian.attention.Understudy`."""

    net: ThespianNet
    verbs: frozenset[str]
    about: dict[str, Any]
    hash: str
    learned: dict[str, dict[str, Tensor]]


def save(
    folder: Path,
    net: ThespianNet,
    about: dict[str, Any],
    card: str,
    learned: Mapping[str, Mapping[str, Tensor]] | None = None,
) -> Path:
    """Write the network and its model card into `folder`; returns the network's file. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    named = dict(net.state_dict())
    for role, own in (learned or {}).items():
        named |= {f"{_LEARNED}{role}.{name}": t for name, t in own.items()}
    tensors = {name: t.detach().cpu().contiguous() for name, t in named.items()}
    metadata = {
        "format": str(FORMAT),
        "shape": json.dumps(net.shape.as_json()),
        "about": json.dumps(about),
        "templates": json.dumps(TEMPLATES),
        "learned": json.dumps([*(learned or {})]),
    }
    try:
        save_file(tensors, file, metadata)
    except SafetensorError as error:  # which is what it makes of a full disk
        raise OSError(str(error)) from error
    file.chmod(0o644)
    (folder / CARD).write_text(card, encoding="utf-8")
    return file


def load(folder: Path = SHIPPED) -> Checkpoint:
    """Read what `save` wrote. Raises AdapterError when it is missing, damaged or outdated."""
    file = folder / FILE
    try:
        with safe_open(file, "pt") as opened:
            metadata = opened.metadata() or {}
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        shape = json.loads(metadata["shape"])
        if metadata["format"] != str(FORMAT):
            raise AdapterError(
                f"{file} was trained for features of format {metadata['format']}, not {FORMAT}.",
                "Train it anew: python -m agents.thespian.a2c --help.",
            )
        net = ThespianNet(Shape(**{**shape, "roles": tuple(shape["roles"])}))
        templates = [(verb, objects) for verb, objects in json.loads(metadata["templates"])]
        learned: dict[str, dict[str, Tensor]] = {}
        for name in [name for name in tensors if name.startswith(_LEARNED)]:
            role, _, own = name.removeprefix(_LEARNED).partition(".")
            learned.setdefault(role, {})[own] = tensors.pop(name)
        if learned and templates != list(TEMPLATES):
            raise ValueError("roles were learned for other verbs than the game now has")
        net.load_state_dict(_arranged(tensors, templates))
        about = json.loads(metadata["about"])
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise AdapterError(
            f"{file} holds no thespian that can be read: {error}.",
            "Reinstall the game for the one that ships with it, or train one anew.",
        ) from error
    net.eval()
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    verbs = frozenset(verb for verb, _ in templates)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Checkpoint(net, verbs, about, digest, learned)


def _arranged(tensors: dict[str, Tensor], templates: list[tuple[str, int]]) -> dict[str, Tensor]:
    """The tensors for today's templates: verbs are added to the game, and lose or win an object."""
    at = {template: n for n, template in enumerate(templates)}
    known = [n for n, template in enumerate(TEMPLATES) if template in at]
    theirs = [at[TEMPLATES[n]] for n in known]
    arranged = dict(tensors)
    for name, axis in (
        ("template_head", 2), ("noun_of_template", 1), ("second_of_template", 1), ("habit", 1),
    ):  # fmt: skip
        old = tensors[name].movedim(axis, 0)
        new = old.new_zeros(len(TEMPLATES), *old.shape[1:])
        new[known] = old[theirs]
        arranged[name] = new.movedim(0, axis).contiguous()
    return arranged


def digest(net: ThespianNet) -> str:
    """The SHA-256 of every weight: two networks with the same digest act the same, to the bit."""
    found = hashlib.sha256()
    for name, tensor in sorted(net.state_dict().items()):
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def fresh(roles: tuple[str, ...], seed: int = 0) -> ThespianNet:
    """A network that has learned nothing yet."""
    torch.manual_seed(seed)
    return ThespianNet(Shape(roles))
