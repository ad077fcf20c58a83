"""A model behind any OpenAI-compatible server: llama-server, Ollama, vLLM, llama-cpp-python."""

from __future__ import annotations

import hashlib
import math
import os
import re
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import Any

from game.errors import ModelUnavailable
from game.llm.base import UNKNOWN_ID, Completion, OnToken, Prompt, Sampler, Segment, Token
from game.llm.server import API_KEY, CONNECT, SILENCE, Refusal, Server

#: Prompt and completion together; what a server truly has room for it does not say.
CONTEXT = 4096

_TURN = re.compile(r"<\|im_start\|>(system|user|assistant)\n")
_MARK = re.compile(r"<\|(?=\w)")
_OPTIONAL = ("min_p", "top_k", "seed", "top_logprobs", "logprobs")


class RemoteModel:
    """A `LanguageModel` over the chat endpoint of a server. One thread at a time.

    The server keeps its vocabulary and its sampling to itself: tokens are pieces of text as they
    arrive, their ids UNKNOWN_ID, their log-probs nan. Only for the untouched distribution
    (temperature 1, no cuts) does a server's log-prob describe what was drawn, so only then is it
    asked for. A generation without all of them is recorded as one that cannot be trained on.
    """

    def __init__(
        self, url: str, model: str = "", *, connect: float = CONNECT, silence: float = SILENCE
    ) -> None:
        """Greet the server at `url`; `model` "" is the first one it lists.

        The key in the environment variable LIMELIGHT_API_KEY is sent along. Raises UsageError for
        what is no URL and ModelUnavailable for what is no such server.
        """
        self._server = Server(url, os.environ.get(API_KEY, ""), connect=connect, silence=silence)
        self.listed: list[str] = []
        self.listed = self._list()
        if not model and not self.listed:
            raise ModelUnavailable(
                f"The server {self._server.url} has no model to offer.",
                "Name one with --server-model, or load one there.",
            )
        self.name = model or self.listed[0]
        self.context = CONTEXT
        self.parameters: int | None = None
        self.adapter_id: str | None = None
        identity = f"{self._server.url}\n{self.name}".encode()
        self.model_hash = f"server:{hashlib.sha256(identity).hexdigest()[:16]}"
        self._refused: set[str] = set()

    def _list(self) -> list[str]:
        try:
            found = self._server.get("/models")
            return [str(entry["id"]) for entry in found["data"]]
        except Refusal as refusal:
            # A server may do without the list; only a missing key is sure to fail later, too.
            if refusal.status in (404, 405, 501):
                return []
            raise self._refusal(refusal) from refusal
        except (KeyError, TypeError) as error:
            raise self._server.nonsense() from error

    def tokenize(self, segments: Sequence[Segment], *, start: bool = False) -> list[int]:
        """The UTF-8 bytes of the text: the vocabulary is the server's own, so bytes stand in."""
        return list("".join(segment.text for segment in segments).encode("utf-8", "replace"))

    def detokenize(self, ids: Sequence[int]) -> str:
        return bytes(ids).decode("utf-8", errors="ignore")

    def complete(
        self,
        prompt: Prompt,
        sampler: Sampler,
        *,
        n: int = 1,
        forced: Sequence[int] = (),
        on_token: OnToken | None = None,
        cancel: threading.Event | None = None,
    ) -> list[Completion]:
        """Sample `n` continuations one after the other, since a server may take one at a time.

        With `max_tokens` 0 nothing is asked of the server. Raises ModelUnavailable when it fails,
        ValueError for a soft prefix or `forced` tokens, which no server takes.
        """
        if prompt.soft is not None or forced:
            raise ValueError("a server takes neither soft prefixes nor forced tokens")
        cancel = cancel or threading.Event()
        completions = [Completion() for _ in range(n)]
        if sampler.max_tokens == 0:
            return completions
        messages = chat(prompt)
        for i, completion in enumerate(completions):
            self._sample(i, completion, messages, sampler, on_token, cancel)
        return completions

    def _sample(
        self,
        i: int,
        completion: Completion,
        messages: list[dict[str, str]],
        sampler: Sampler,
        on_token: OnToken | None,
        cancel: threading.Event,
    ) -> None:
        with closing(self._choices(messages, sampler, i, cancel)) as choices:
            for choice in choices:
                for token in _tokens(choice):
                    completion.tokens.append(token)
                    if on_token is not None and on_token(i, completion.tokens):
                        completion.finish = "stop"
                        return
                if reason := choice.get("finish_reason"):
                    completion.finish = "stop" if reason == "stop" else "length"
                    return
        if cancel.is_set():
            completion.finish = "cancelled"

    def _choices(
        self, messages: list[dict[str, str]], sampler: Sampler, i: int, cancel: threading.Event
    ) -> Generator[dict[str, Any], None, None]:
        """What the server sends for candidate `i`, asked again without what it does not know."""
        payload = self._payload(messages, sampler, i)
        while True:
            begun = False
            try:
                with closing(self._server.events("/chat/completions", payload, cancel)) as events:
                    for event in events:
                        if "error" in event:
                            raise Refusal(500, str(event["error"]))
                        begun = True
                        yield from _first_choice(event, self._server)
                return
            except ModelUnavailable:
                # llama-cpp-python breaks off when its model was not loaded for giving log-probs.
                if begun or "logprobs" not in payload:
                    raise
                for name in ("logprobs", "top_logprobs"):
                    del payload[name]
                    self._refused.add(name)
            except Refusal as refusal:
                optional = [name for name in _OPTIONAL if name in payload]
                # Servers word it in many ways: drop the one it names, else all that are optional.
                named = [name for name in optional if name in refusal.reason]
                if begun or not optional or refusal.status not in (400, 422, 500):
                    raise self._refusal(refusal) from refusal
                for name in named or optional:
                    del payload[name]
                    self._refused.add(name)

    def _payload(self, messages: list[dict[str, str]], sampler: Sampler, i: int) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "model": self.name,
            "messages": messages,
            "stream": True,
            "max_tokens": sampler.max_tokens,
            "temperature": sampler.temperature,
            "top_p": 1.0,
            # 32 bits, as some servers want it, and another one for every candidate.
            "seed": (sampler.seed + 1_000_003 * i) & 0x7FFF_FFFF,
            "min_p": sampler.min_p,
            "top_k": sampler.top_k,
        }
        if sampler.temperature == 1.0 and not sampler.min_p and not sampler.top_k:
            payload |= {"logprobs": True, "top_logprobs": 1}
        return {name: value for name, value in payload.items() if name not in self._refused}

    def _refusal(self, refusal: Refusal) -> ModelUnavailable:
        message = f"The server {self._server.url} refuses: {refusal.reason} ({refusal.status})."
        if refusal.status in (401, 403):
            return ModelUnavailable(message, f"Put its key into the variable {API_KEY}.")
        if refusal.status == 404:
            known = f" It has: {', '.join(self.listed[:8])}." if self.listed else ""
            return ModelUnavailable(message, f"Check the name given with --server-model.{known}")
        return ModelUnavailable(message, "Look at the server's log.")

    def use_adapter(self, path: str | None) -> None:
        """A server's model is as it is: any `path` raises ModelUnavailable."""
        if path is not None:
            raise ModelUnavailable(
                "A model behind a server cannot wear an adapter.", "Play without --server."
            )

    def close(self) -> None:
        """Nothing to free: connections last as long as a request."""


def chat(prompt: Prompt) -> list[dict[str, str]]:
    """The prompt as chat messages, by the ChatML marks of its trusted segments.

    A mark that untrusted text spells is broken up, because a server would take it for one. Text
    before the first mark is the user's.
    """
    messages: list[dict[str, str]] = []
    for segment in (*prompt.prefix, *prompt.body):
        pieces = _TURN.split(segment.text) if segment.trusted else [_MARK.sub("< |", segment.text)]
        for k, piece in enumerate(pieces):
            if k % 2:
                messages.append({"role": piece, "content": ""})
            elif piece:
                if not messages:
                    messages.append({"role": "user", "content": ""})
                messages[-1]["content"] += piece
    for message in messages:
        message["content"] = message["content"].replace("<|im_end|>", "").rstrip("\n")
    if messages and messages[-1] == {"role": "assistant", "content": ""}:
        messages.pop()
    return messages


def _first_choice(event: Mapping[str, Any], server: Server) -> list[dict[str, Any]]:
    """The event's first choice, if it has any (usage reports have none)."""
    choices = event.get("choices")
    if not isinstance(choices, list) or not all(isinstance(c, dict) for c in choices):
        raise server.nonsense()
    return choices[:1]


def _tokens(choice: Mapping[str, Any]) -> list[Token]:
    """The tokens of one piece of a stream: one for each log-prob, else one for the whole piece."""
    delta = choice.get("delta")
    text = delta.get("content") if isinstance(delta, dict) else None
    if not isinstance(text, str) or not text:
        return []
    scored = choice.get("logprobs")
    entries = scored.get("content") if isinstance(scored, dict) else None
    if isinstance(entries, list) and "".join(str(e.get("token")) for e in entries) == text:
        return [
            Token(
                int(e.get("id", UNKNOWN_ID)),
                str(e["token"]).encode(),
                min(0.0, float(e["logprob"])),
                None,
                1.0,
            )
            for e in entries
        ]
    return [Token(UNKNOWN_ID, text.encode(), math.nan, None, 1.0)]
