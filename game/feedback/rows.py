"""The rows of the feedback store as frozen dataclasses, and the checks they must pass."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from game.feedback.arrays import (
    Support,
    pack_floats,
    pack_ints,
    pack_support,
    unpack_floats,
    unpack_ints,
    unpack_support,
)

TargetKind = Literal["generation", "decision", "telling"]
TARGET_TABLES: Mapping[str, str] = {
    "generation": "generations",
    "decision": "decisions",
    "telling": "turns",
}
PLAYER = "player"
_SIMULATED = re.compile(r"simulated:[A-Za-z0-9][A-Za-z0-9._-]*")

# float32 rounding can lift a log-prob or a kept mass of a certain token just over its bound.
_ROUNDING = 1e-4

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One game, from its start to its end or to the next resuming. `mode` is how it was played:
    "tui", "plain", "json", "simulated", or "audition" for turns told again to be compared."""

    id: str
    started: str
    world: str
    world_hash: str
    seed: int
    game_version: str
    model_hash: str | None
    mode: str


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One turn of a session: the command, its canonical action (None: not understood), the plain
    telling, the room's id and the state's hash after it. `number` can repeat after an undo."""

    id: int
    session: str
    number: int
    command: str
    action: str | None
    plain: str
    room: str
    state_hash: str
    at: str

    @property
    def text(self) -> str:
        return self.plain


@dataclass(frozen=True, slots=True)
class GenerationRow:
    """One sampled text, with what importance-weighted learning needs.

    `completion_ids`, `logprobs` (natural log, under the renormalised distribution actually
    sampled) and `kept_mass` have one entry per token; `support` has the kept token ids per token
    (None where nothing was cut). All are empty when the model gave no log-probs: such a row can be
    read but never trained on. `prompt_ids` is everything the completion was conditioned on, forced
    tokens included. `sentences` holds the guard's verdict per sentence.

    `swipe_of` is the first telling of the same turn when the player asked for another one (None:
    this is the first), `left_at` when the player went from this one to another of them (None: it
    is the one that stands).
    """

    id: int
    session: str
    turn: int
    kind: str
    speaker: str | None
    prompt_ids: tuple[int, ...]
    completion_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    kept_mass: tuple[float, ...]
    support: Support | None
    sampler: Mapping[str, Any]
    seed: int
    model_hash: str
    adapter_id: str | None
    template_hash: str
    text: str
    source: str
    attempt: int
    candidate: int
    sentences: tuple[Mapping[str, Any], ...]
    at: str
    shown_at: str | None
    swipe_of: int | None = None
    left_at: str | None = None

    @property
    def trainable(self) -> bool:
        """Whether the log-probs that importance weighting needs were logged."""
        return bool(self.completion_ids)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One choice of a character among its admissible actions, in their canonical order.

    `observation` is the digest of what the character observed, `logprob` the natural log of the
    probability the policy gave `chosen` (None: the policy has no distribution).
    """

    id: int
    session: str
    turn: int
    character: str
    observation: str
    admissible: tuple[str, ...]
    chosen: str
    logprob: float | None
    policy_id: str
    role: str | None
    at: str

    @property
    def text(self) -> str:
        return self.chosen


@dataclass(frozen=True, slots=True)
class Vote:
    """A thumb: `value` is 1, -1, or 0 for a vote taken back. `source` is "player" or
    "simulated:<name>"; `trained` says whether a training run has already used it."""

    id: int
    session: str
    target_kind: TargetKind
    target: int
    value: int
    source: str
    tags: tuple[str, ...]
    at: str
    trained: bool

    @property
    def simulated(self) -> bool:
        return self.source != PLAYER


@dataclass(frozen=True, slots=True)
class Voted:
    """A current vote and what it was given to."""

    vote: Vote
    target: GenerationRow | DecisionRow | TurnRow
    world: str


@dataclass(frozen=True, slots=True)
class Edit:
    """What the player made of a generation: `text` takes the place of the generation's own, which
    is kept. Together with the generation's prompt it is an example of how the player would have it
    told."""

    id: int
    session: str
    generation: int
    text: str
    source: str
    at: str


@dataclass(frozen=True, slots=True)
class Preference:
    """One generation was preferred to another. `origin` says how that showed: "thumbs" (the thumbs
    differ) or "kept" (several tellings of one turn were seen, and the game went on with this one:
    weaker evidence). `source` is as with votes."""

    id: int
    session: str
    chosen: int
    rejected: int
    source: str
    origin: str
    at: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows there are, or were forgotten."""

    sessions: int
    turns: int
    generations: int
    decisions: int
    votes: int
    edits: int
    preferences: int


@dataclass(frozen=True, slots=True)
class Stats:
    """The store in numbers. `rows` counts every row (votes: history included); `up` and `down`
    count current votes by source; `pending` the player's votes that no training has used."""

    recording: bool
    rows: Counts
    generations_by_kind: Mapping[str, int]
    trainable: int
    up: Mapping[str, int]
    down: Mapping[str, int]
    tags: Mapping[str, int]
    pending: int
    trainings: int
    first: str | None
    last: str | None
    bytes: int


def check_source(source: str) -> str:
    """Refuse any source but "player" and "simulated:<name>", so no vote can hide its origin."""
    if source != PLAYER and not _SIMULATED.fullmatch(source):
        raise ValueError(f'a vote\'s source is "player" or "simulated:<name>", not {source!r}')
    return source


def check_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags stripped and without repeats; raises ValueError for a bare string or an empty tag."""
    if isinstance(tags, str):
        raise ValueError("tags is a sequence of words, not one string")
    stripped = tuple(dict.fromkeys(tag.strip() for tag in tags))
    if "" in stripped:
        raise ValueError("a tag cannot be empty")
    return stripped


def check_tokens(
    completion_ids: Sequence[int],
    logprobs: Sequence[float],
    kept_mass: Sequence[float],
    support: Support | None,
) -> None:
    """Raise ValueError unless the per-token lists agree: a misaligned or impossible log-prob would
    silently poison every importance ratio computed from it."""
    sizes = {"logprobs": len(logprobs), "kept_mass": len(kept_mass)}
    if support is not None:
        sizes["support"] = len(support)
    for name, size in sizes.items():
        if size != len(completion_ids):
            raise ValueError(f"{len(completion_ids)} completion ids but {size} of {name}")
    for i, logprob in enumerate(logprobs):
        if not (math.isfinite(logprob) and logprob <= _ROUNDING):
            raise ValueError(f"log-prob {i} is {logprob}: not the log of a probability")
        if not 0.0 < kept_mass[i] <= 1.0 + _ROUNDING:
            raise ValueError(f"kept mass {i} is {kept_mass[i]}: not in (0, 1]")
        kept = support[i] if support is not None else None
        if kept is not None and completion_ids[i] not in kept:
            raise ValueError(f"token {i} (id {completion_ids[i]}) is outside its own support")


def generation_record(
    *,
    prompt_ids: Sequence[int],
    completion_ids: Sequence[int],
    logprobs: Sequence[float],
    kept_mass: Sequence[float],
    support: Support | None,
    sampler: Mapping[str, Any],
    sentences: Sequence[Mapping[str, Any]],
) -> Record:
    """The packed columns of a generation; raises ValueError when the lists do not agree."""
    check_tokens(completion_ids, logprobs, kept_mass, support)
    counts, kept_ids = pack_support(support)
    return {
        "prompt_ids": pack_ints(prompt_ids),
        "completion_ids": pack_ints(completion_ids),
        "logprobs": pack_floats(logprobs),
        "kept_mass": pack_floats(kept_mass),
        "support_counts": counts,
        "support_ids": kept_ids,
        "sampler": as_json(dict(sampler)),
        "sentences": as_json([dict(sentence) for sentence in sentences]),
    }


def generation_from(row: Mapping[str, Any]) -> GenerationRow:
    values = dict(row)
    for name in ("prompt_ids", "completion_ids"):
        values[name] = unpack_ints(values[name])
    for name in ("logprobs", "kept_mass"):
        values[name] = unpack_floats(values[name])
    values["support"] = unpack_support(values.pop("support_counts"), values.pop("support_ids"))
    values["seed"] = int(values["seed"])
    values["sampler"] = json.loads(values["sampler"])
    values["sentences"] = tuple(json.loads(values["sentences"]))
    return GenerationRow(**values)


def decision_from(row: Mapping[str, Any]) -> DecisionRow:
    return DecisionRow(**{**row, "admissible": tuple(json.loads(row["admissible"]))})


def vote_from(row: Mapping[str, Any]) -> Vote:
    return Vote(**{**row, "tags": tuple(json.loads(row["tags"])), "trained": bool(row["trained"])})


def as_json(value: object) -> str:
    """Compact JSON; raises ValueError for NaN and TypeError for what JSON cannot hold."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
