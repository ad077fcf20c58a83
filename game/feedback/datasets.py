"""Votes and preferences as the data sets that other trainers read, a JSON object a line.

The columns are those of TRL's unpaired-preference and preference types in the standard format
(huggingface.co/docs/trl/dataset_formats) and of OpenRLHF's unpaired-preference and reward data sets
(openrlhf/datasets); `source` is ours, so that a simulated vote stays known as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from game.feedback.reader import FeedbackReader
from game.feedback.rows import GenerationRow

#: Format -> the columns for prompt, completion and label, or for prompt, chosen and rejected.
UNPAIRED: Mapping[str, tuple[str, str, str]] = {
    "trl-kto": ("prompt", "completion", "label"),
    "openrlhf-kto": ("instruction", "response", "score"),
}
PAIRED: Mapping[str, tuple[str, str, str]] = {
    "trl-dpo": ("prompt", "chosen", "rejected"),
    "openrlhf-dpo": ("prompt", "chosen", "rejected"),
}
FORMATS = (*UNPAIRED, *PAIRED)

# Why a vote or preference has no row.
NOT_SAMPLED = "on something that a model did not write"
OTHER_MODEL = "written by another model"
NO_TOKENS = "written without token ids (a server)"
OTHER_PROMPT = "between tellings of different prompts"

Spell = Callable[[Sequence[int]], str]


def dataset(
    store: FeedbackReader, format: str, model_hash: str, spell: Spell, left_out: Counter[str]
) -> Iterator[dict[str, Any]]:
    """The rows of `format`, oldest first, of what the model with that hash wrote.

    `spell` gives the text of token ids, the marks of the chat format included, which tokenises to
    the same ids again. Completions are without the end token, which those trainers add. What has no
    row is counted in `left_out`, by reason.
    """
    if format in UNPAIRED:
        yield from _thumbs(store, format, model_hash, spell, left_out)
    else:
        yield from _pairs(store, format, model_hash, spell, left_out)


def _thumbs(
    store: FeedbackReader, format: str, model_hash: str, spell: Spell, left_out: Counter[str]
) -> Iterator[dict[str, Any]]:
    prompt, completion, label = UNPAIRED[format]
    for voted in store.iter_voted():
        row = voted.target
        if not isinstance(row, GenerationRow):
            left_out[NOT_SAMPLED] += 1
        elif why := _unusable(row, model_hash):
            left_out[why] += 1
        else:
            up = voted.vote.value > 0
            yield {
                prompt: spell(row.prompt_ids),
                completion: row.text,
                # TRL asks for a truth value, OpenRLHF puts the label into a tensor of integers.
                label: up if format == "trl-kto" else int(up),
                "source": voted.vote.source,
            }


def _pairs(
    store: FeedbackReader, format: str, model_hash: str, spell: Spell, left_out: Counter[str]
) -> Iterator[dict[str, Any]]:
    """Preferences between two tellings, then edits: the player's wording over the model's."""
    columns = PAIRED[format]
    for preference in store.preferences():
        chosen = store.generation(preference.chosen)
        rejected = store.generation(preference.rejected)
        if chosen is None or rejected is None:
            continue  # forgotten by another process since the preferences were read
        if why := _unusable(chosen, model_hash) or _unusable(rejected, model_hash):
            left_out[why] += 1
        elif chosen.prompt_ids != rejected.prompt_ids:
            left_out[OTHER_PROMPT] += 1
        else:
            texts = (spell(chosen.prompt_ids), chosen.text, rejected.text)
            yield {**dict(zip(columns, texts, strict=True)), "source": preference.source}
    for edit in store.edits():
        edited = store.generation(edit.generation)
        if edited is None:
            continue
        if why := _unusable(edited, model_hash):
            left_out[why] += 1
        else:
            texts = (spell(edited.prompt_ids), edit.text, edited.text)
            yield {**dict(zip(columns, texts, strict=True)), "source": edit.source}


def _unusable(row: GenerationRow, model_hash: str) -> str:
    """Why a generation has no place in a data set for the model; empty when it has."""
    if not row.trainable or not row.prompt_ids:
        return NO_TOKENS
    return "" if row.model_hash == model_hash else OTHER_MODEL
