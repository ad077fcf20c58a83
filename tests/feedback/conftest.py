"""A store in a folder of its own, and short ways to record things in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from game.feedback import FeedbackStore

SESSION: dict[str, Any] = {
    "world": "village",
    "world_hash": "w1",
    "seed": 7,
    "game_version": "0.1.0",
    "model_hash": "m1",
    "mode": "plain",
}
GENERATION: dict[str, Any] = {
    "kind": "narration",
    "text": "You step into the tavern.",
    "prompt_ids": [1, 5, 49151],
    "completion_ids": [10, 11, 2],
    "logprobs": [-0.25, -1.5, 0.0],
    "kept_mass": [0.9, 0.75, 1.0],
    "support": [(10, 12), (11, 13, 14), None],
    "sampler": {"temperature": 0.7, "min_p": 0.1},
    "seed": 2**64 - 1,
    "model_hash": "m1",
    "adapter_id": "narrator-3",
    "template_hash": "t1",
    "sentences": [{"start": 0, "end": 25, "accepted": True, "reason": ""}],
}
DECISION: dict[str, Any] = {
    "character": "thief",
    "observation": '{"room":"tavern","here":["player"]}',
    "admissible": ["wait", "go south", "steal pendant from player"],
    "chosen": "steal pendant from player",
    "logprob": -0.5,
    "policy_id": "thespian-1",
    "role": "thief",
}
TURN: dict[str, Any] = {
    "command": "n",
    "action": "go north",
    "plain": "You go north.",
    "room": "tavern",
    "state_hash": "s1",
}

Generate = Callable[..., int]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "feedback.db"


@pytest.fixture
def store(path: Path) -> Iterator[FeedbackStore]:
    with FeedbackStore(path) as opened:
        yield opened


@pytest.fixture
def session(store: FeedbackStore) -> str:
    return store.start_session(**SESSION)


@pytest.fixture
def generate(store: FeedbackStore, session: str) -> Generate:
    """Records a generation, with changes to its usual fields, and returns its id."""

    def record(turn: int = 1, **changes: Any) -> int:
        id = store.record_generation(session, turn, **{**GENERATION, **changes})
        assert id is not None
        return id

    return record


@pytest.fixture
def decide(store: FeedbackStore, session: str) -> Generate:
    def record(turn: int = 1, **changes: Any) -> int:
        id = store.record_decision(session, turn, **{**DECISION, **changes})
        assert id is not None
        return id

    return record


@pytest.fixture
def tell(store: FeedbackStore, session: str) -> Generate:
    def record(number: int = 1, **changes: Any) -> int:
        id = store.record_turn(session, number, **{**TURN, **changes})
        assert id is not None
        return id

    return record
