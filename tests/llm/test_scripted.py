"""The test double behaves like a model."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from game.errors import ModelUnavailable
from game.llm.base import LanguageModel, Prompt, Sampler, Segment, Token
from game.llm.scripted import ScriptedModel

PROMPT = Prompt((Segment("Tell:"),), (Segment("You wait."),))


def test_says_its_replies_in_order() -> None:
    model = ScriptedModel(["You wait. Rain falls.", "Nothing stirs."])
    assert isinstance(model, LanguageModel)
    first = model.complete(PROMPT, Sampler())[0]
    assert (first.text, first.finish) == ("You wait. Rain falls.", "stop")
    assert model.complete(PROMPT, Sampler())[0].text == "Nothing stirs."
    assert model.prompts == [PROMPT, PROMPT]
    with pytest.raises(ModelUnavailable, match="0 replies left"):
        model.complete(PROMPT, Sampler())


def test_candidates_take_one_reply_each_side_by_side() -> None:
    model = ScriptedModel(["one two three", "four five"])
    seen: list[tuple[int, int]] = []

    def watch(candidate: int, tokens: Sequence[Token]) -> bool:
        seen.append((candidate, len(tokens)))
        return candidate == 0 and len(tokens) == 2

    found = model.complete(PROMPT, Sampler(), n=2, on_token=watch)
    assert [c.text for c in found] == ["one two", "four five"]
    assert seen == [(0, 1), (1, 1), (0, 2), (1, 2), (1, 3)]


def test_tokens_carry_what_learning_needs() -> None:
    model = ScriptedModel(["You wait here."])
    forced = model.tokenize((Segment("Aye."),))
    completion = model.complete(PROMPT, Sampler(), forced=forced)[0]
    assert completion.prompt_ids[-1:] == tuple(forced)
    for token in completion.tokens:
        assert token.logprob < 0 and 0 < token.kept_mass <= 1
        assert token.support is not None and token.id in token.support
    assert model.detokenize([t.id for t in completion.tokens]) == "You wait here."


def test_length_and_cancel() -> None:
    model = ScriptedModel(["a b c d", "e f"])
    short = model.complete(PROMPT, Sampler(max_tokens=2))[0]
    assert (short.text, short.finish) == ("a b", "length")
    cancel = threading.Event()
    cancel.set()
    assert model.complete(PROMPT, Sampler(), cancel=cancel)[0].finish == "cancelled"
    assert model.complete(PROMPT, Sampler(max_tokens=0))[0].tokens == []
