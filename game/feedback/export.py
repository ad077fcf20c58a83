"""Votes with what they were given to, as JSON lines (format 1, described in docs/feedback.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from game.atomic import replacing
from game.errors import FeedbackError
from game.feedback.reader import FeedbackReader
from game.feedback.rows import DecisionRow, GenerationRow, TurnRow, Voted, as_json

FORMAT = 1


def exported(store: FeedbackReader) -> Iterator[dict[str, Any]]:
    """One object for every standing vote on a generation or decision, oldest vote first.

    Plain tellings are left out: the deterministic teller has nothing to learn.
    """
    for voted in store.iter_voted():
        if not isinstance(voted.target, TurnRow):
            row = {**_vote(voted), **_target(voted.target)}
            if isinstance(voted.target, GenerationRow):
                edit = store.current_edit(voted.target.id)
                row["edit"] = edit.text if edit else None
            yield row


def write_lines(rows: Iterable[dict[str, Any]], stream: TextIO) -> int:
    """Write the rows as JSON lines; returns how many there were."""
    count = 0
    for row in rows:
        stream.write(as_json(row) + "\n")
        count += 1
    return count


def write_file(rows: Iterable[dict[str, Any]], path: Path) -> int:
    """Write JSON lines to `path`, which is replaced only once all of them are written.

    Returns how many there were. Raises FeedbackError when the file cannot be written.
    """
    try:
        with replacing(path) as part, part.open("w", encoding="utf-8") as stream:
            return write_lines(rows, stream)
    except OSError as error:
        raise _unwritable(path, error) from error


def _vote(voted: Voted) -> dict[str, Any]:
    vote = voted.vote
    return {
        "format": FORMAT,
        "vote": vote.value,
        "source": vote.source,
        "simulated": vote.simulated,
        "tags": list(vote.tags),
        "at": vote.at,
        "trained": vote.trained,
        "session": vote.session,
        "world": voted.world,
        "target": vote.target_kind,
        "id": vote.target,
    }


def _target(target: GenerationRow | DecisionRow) -> dict[str, Any]:
    if isinstance(target, DecisionRow):
        return {
            "turn": target.turn,
            "character": target.character,
            "role": target.role,
            "observation": target.observation,
            "admissible": list(target.admissible),
            "chosen": target.chosen,
            "logprob": target.logprob,
            "policy": target.policy_id,
        }
    return {
        "turn": target.turn,
        "kind": target.kind,
        "speaker": target.speaker,
        "text": target.text,
        "prompt_ids": list(target.prompt_ids),
        "completion_ids": list(target.completion_ids),
        "logprobs": _short(target.logprobs),
        "kept_mass": _short(target.kept_mass),
        "support": target.support,
        "sampler": dict(target.sampler),
        "seed": target.seed,
        "model_hash": target.model_hash,
        "adapter": target.adapter_id,
        "template_hash": target.template_hash,
        "written_by": target.source,
        "attempt": target.attempt,
        "candidate": target.candidate,
        "sentences": [dict(sentence) for sentence in target.sentences],
        "shown_at": target.shown_at,
        "swipe_of": target.swipe_of,
        "left_at": target.left_at,
    }


def _short(values: Iterable[float]) -> list[float]:
    # Nine significant digits are enough to give every float32 back exactly.
    return [float(f"{value:.9g}") for value in values]


def _unwritable(path: Path, error: OSError) -> FeedbackError:
    return FeedbackError(
        f"{path} cannot be written: {error.strerror or error}.", "Name a file you can write to."
    )
