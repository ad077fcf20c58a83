"""Text to token ids and back, with special tokens only where trusted text spells them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any

from game.llm.base import Segment


class Vocabulary:
    """The tokeniser of one loaded model. `vocab` is its `llama_vocab` pointer."""

    def __init__(self, llama: Any, vocab: Any) -> None:
        self._llama = llama
        self._vocab = vocab
        self.size: int = llama.llama_vocab_n_tokens(vocab)
        self._pieces: dict[int, bytes] = {}
        self._special_mask = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_UNKNOWN
        bos = llama.llama_vocab_bos(vocab)
        self.start: list[int] = [bos] if llama.llama_vocab_get_add_bos(vocab) and bos >= 0 else []

    def is_end(self, token: int) -> bool:
        """Whether `token` ends a generation (end of text, end of turn)."""
        return bool(self._llama.llama_vocab_is_eog(self._vocab, token))

    def is_special(self, token: int) -> bool:
        """Whether `token` is a mark of the chat format rather than text."""
        return bool(self._llama.llama_vocab_get_attr(self._vocab, token) & self._special_mask)

    def piece(self, token: int) -> bytes:
        """The bytes that `token` adds to a text; none for special tokens."""
        found = self._pieces.get(token)
        if found is None:
            found = self._pieces[token] = self._spell(token, special=False)
        return found

    def spell(self, ids: Sequence[int]) -> str:
        """The text of `ids`, special tokens spelt out, without the mark that begins every text."""
        kept = ids[len(self.start) :] if list(ids[: len(self.start)]) == self.start else ids
        spelt = b"".join(self._spell(token, special=True) for token in kept)
        return spelt.decode("utf-8", errors="ignore")

    def tokenize(self, segments: Sequence[Segment]) -> list[int]:
        """Ids of the segments joined into one text.

        Words are split as if the segments were one string, so that a value put into a sentence
        gets the tokens the model knows it by; a special token can only come from inside one
        trusted segment, never from untrusted text or from a seam.
        """
        ids: list[int] = []
        plain: list[str] = []
        for segment in segments:
            if not segment.trusted:
                plain.append(segment.text)
                continue
            for text, special in self._marks(segment.text):
                plain.append(text)
                if special is not None:
                    ids += self._encode("".join(plain), parse_special=False)
                    ids.append(special)
                    plain.clear()
        return ids + self._encode("".join(plain), parse_special=False)

    def _marks(self, text: str) -> Iterator[tuple[str, int | None]]:
        """Split trusted `text` into (plain text, the special token after it), last without one."""
        start = 0
        for token in self._encode(text, parse_special=True):
            if self.is_special(token):
                mark = self._spell(token, special=True).decode()
                at = text.find(mark, start)
                if at >= 0:
                    yield text[start:at], token
                    start = at + len(mark)
        yield text[start:], None

    def _encode(self, text: str, *, parse_special: bool) -> list[int]:
        if not text:
            return []
        data = text.encode("utf-8", errors="replace")
        capacity = len(data) + 8
        while True:
            ids = (self._llama.llama_token * capacity)()
            count = self._llama.llama_tokenize(
                self._vocab, data, len(data), ids, capacity, False, parse_special
            )
            if count >= 0:
                return ids[:count]
            capacity = -count

    def _spell(self, token: int, *, special: bool) -> bytes:
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            count = self._llama.llama_token_to_piece(self._vocab, token, buffer, size, 0, special)
            if count >= 0:
                return buffer.raw[:count]
            size = -count
