"""What the model was given for a telling, part by part, and what each part costs in tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from game.llm.base import LanguageModel, Prompt, Segment

#: What the marks of the chat format around the parts are called.
MARKS = "chat marks"
SOFT = "soft prompt"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a prompt: its name, its text, and its length in tokens. `kept`: it is the same
    every time, so that its state is kept and only the first telling pays for it."""

    name: str
    text: str
    tokens: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Context:
    """A prompt by part, and the tokens that the model's context has room for."""

    parts: tuple[Part, ...]
    window: int

    @property
    def tokens(self) -> int:
        return sum(part.tokens for part in self.parts)


@dataclass
class Meter:
    """Measures prompts for one model. A prefix is counted once, as it is the same every time."""

    model: LanguageModel
    _prefixes: dict[tuple[Segment, ...], tuple[Part, ...]] = field(default_factory=dict)

    def measure(self, prompt: Prompt) -> Context:
        """`prompt` by part, in the order in which the model reads them."""
        if prompt.prefix not in self._prefixes:
            self._prefixes[prompt.prefix] = self._parts(prompt.prefix, kept=True)
        parts = [*self._prefixes[prompt.prefix], *self._parts(prompt.body, kept=False)]
        if prompt.soft is not None:
            parts.insert(0, Part(SOFT, "", len(prompt.soft.vectors), True))
        return Context(tuple(parts), self.model.context)

    def _parts(self, segments: Sequence[Segment], *, kept: bool) -> tuple[Part, ...]:
        """Segments of one name together. A segment counts for what it adds to those before it, so
        that the sum is exact though words are split across seams."""
        texts: dict[str, str] = {}
        tokens: dict[str, int] = {}
        before = 0
        for n, segment in enumerate(segments, 1):
            name = segment.part or MARKS
            length = len(self.model.tokenize(segments[:n], start=kept))
            texts[name] = texts.get(name, "") + segment.text
            tokens[name] = tokens.get(name, 0) + length - before
            before = length
        return tuple(Part(name, texts[name], tokens[name], kept) for name in texts)
