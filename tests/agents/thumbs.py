"""A database of thumbs on what a tiny model really sampled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from game.feedback import FeedbackStore
from game.llm.base import Completion, Prompt, Sampler, Segment
from game.llm.llama import LlamaModel

SAMPLER = Sampler(temperature=1.0, min_p=0.02, max_tokens=10)
Rule = Callable[[Completion], int]


def high_bytes(completion: Completion) -> int:
    """Likes texts whose tokens have high ids, which is something that a tiny model can learn."""
    ids = [t.id for t in completion.tokens]
    return 1 if sum(ids) > 130 * len(ids) else -1


def thumb(
    store: FeedbackStore,
    model: Path,
    votes: int,
    *,
    rule: Rule = high_bytes,
    source: str = "player",
    sessions: int = 4,
    adapter: Path | None = None,
    **changes: object,
) -> list[int]:
    """Sample `votes` lines, record them over several sessions and vote by `rule`.

    `changes` replace fields of the recorded generations. Returns the generations' ids.
    """
    llama = LlamaModel(model, context=512, threads=1)
    if adapter is not None:
        llama.use_adapter(str(adapter))
    ids = []
    try:
        for number in range(sessions):
            session = store.start_session(
                world="village", world_hash="w", seed=number, game_version="0", mode="plain"
            )
            for turn in range(votes * number // sessions, votes * (number + 1) // sessions):
                prompt = Prompt((Segment("Tell: "),), (Segment(f"turn {turn % 7}."),))
                (drawn,) = llama.complete(prompt, Sampler(**{**asdict(SAMPLER), "seed": turn}))
                fields = {
                    "kind": "narration",
                    "text": drawn.text,
                    "prompt_ids": drawn.prompt_ids,
                    "completion_ids": [t.id for t in drawn.tokens],
                    "logprobs": [t.logprob for t in drawn.tokens],
                    "kept_mass": [t.kept_mass for t in drawn.tokens],
                    "support": tuple(t.support for t in drawn.tokens),
                    "sampler": {"temperature": SAMPLER.temperature, "min_p": SAMPLER.min_p},
                    "seed": turn,
                    "model_hash": llama.model_hash,
                    "adapter_id": llama.adapter_id,
                    "template_hash": f"t{turn % 2}",
                    **changes,
                }
                row = store.record_generation(session, turn, **fields)  # type: ignore[arg-type]
                assert row is not None
                store.vote("generation", row, rule(drawn), source=source)
                ids.append(row)
    finally:
        llama.close()
    return ids
