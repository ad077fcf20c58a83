"""HTTP to an OpenAI-compatible server: JSON answers, and event streams that can be cancelled."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import ssl
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from game.errors import ModelUnavailable, UsageError

#: Environment variable with the key that the server asks for.
API_KEY = "LIMELIGHT_API_KEY"
#: Seconds to reach the server, and seconds it may be silent before it counts as gone.
CONNECT, SILENCE = 3.0, 30.0

_POLL = 0.05  # seconds between looks at `cancel`
_LONGEST_LINE = 1 << 20
_MOST_JSON = 8 << 20


class Refusal(Exception):
    """The server answered with HTTP `status` (not 2xx); `reason` is its own explanation."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"HTTP {status}: {reason}")
        self.status = status
        self.reason = reason


class Server:
    """A server at a base URL such as http://localhost:8080 or https://host/api/v1.

    A URL without a path gets /v1, as every such server has it. Raises UsageError for what is no
    http(s) URL. `connect` and `silence` are in seconds.
    """

    def __init__(
        self, url: str, key: str = "", *, connect: float = CONNECT, silence: float = SILENCE
    ) -> None:
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                f"{url!r} is not the address of a server.",
                "Give it with its scheme and port: --server http://localhost:8080",
            )
        self.host = parts.hostname
        self.port = port
        self._secure = parts.scheme == "https"
        self.base = parts.path.rstrip("/") or "/v1"
        place = self.host if port is None else f"{self.host}:{port}"
        #: The URL without credentials, for messages and for telling servers apart.
        self.url = f"{parts.scheme}://{place}{self.base}"
        self._key = key
        self._connect, self._silence = connect, silence

    def get(self, path: str) -> Any:
        """The JSON at `path` under the base URL. Raises Refusal and ModelUnavailable."""
        connection = self._connection(self._connect)
        try:
            connection.request("GET", self.base + path, headers=self._headers())
            answer = connection.getresponse()
            text = answer.read(_MOST_JSON)
        except (OSError, http.client.HTTPException) as error:
            raise self.unreachable(error) from error
        finally:
            connection.close()
        _check(answer.status, text)
        try:
            return json.loads(text)
        except ValueError as error:
            raise self.nonsense() from error

    def events(
        self, path: str, payload: Mapping[str, Any], cancel: threading.Event
    ) -> Generator[dict[str, Any], None, None]:
        """The objects of the event stream that POSTing `payload` to `path` starts.

        Ends at the server's end of stream, and when `cancel` is set, which is looked at every
        twentieth of a second. Closing the iterator hangs up, at which servers stop generating.
        Raises Refusal, and ModelUnavailable when the server cannot be reached, falls silent or
        sends something else.
        """
        request = _Request(self, path, json.dumps(payload).encode())
        try:
            yield from self._received(request, cancel)
        finally:
            request.hang_up()

    def _received(self, request: _Request, cancel: threading.Event) -> Iterator[dict[str, Any]]:
        heard = time.monotonic()
        while not cancel.is_set():
            try:
                item = request.lines.get(timeout=_POLL)
            except queue.Empty:
                if time.monotonic() - heard > self._silence:
                    raise ModelUnavailable(
                        f"The server {self.url} has said nothing for {self._silence:g} seconds.",
                        "It may be overloaded or still loading its model; look at its log.",
                    ) from None
                continue
            heard = time.monotonic()
            if item is None:
                item = ConnectionError("it hung up in the middle of its answer")
            if isinstance(item, Refusal):
                raise item
            if isinstance(item, Exception):
                raise self.unreachable(item) from item
            data = item.removeprefix(b"data:").strip()
            if data == b"[DONE]":
                return
            # Blank lines part events, a colon begins a comment (a ping), and fields other than
            # data (event, id) say nothing here.
            if not item.startswith(b"data:"):
                if item[:1] in (b"", b":") or item.partition(b":")[0] in (b"event", b"id"):
                    continue
                raise self.nonsense()
            try:
                found = json.loads(data)
            except ValueError as error:
                raise self.nonsense() from error
            if not isinstance(found, dict):
                raise self.nonsense()
            yield found

    def unreachable(self, error: Exception) -> ModelUnavailable:
        """What to tell the player when no conversation with the server comes about."""
        if isinstance(error, TimeoutError):
            why = f"no answer within {self._connect:g} seconds"
        elif isinstance(error, ConnectionRefusedError):
            why = "nothing listens there"
        elif isinstance(error, socket.gaierror):
            why = f"no such host as {self.host}"
        elif isinstance(error, ssl.SSLError):
            why = f"no secure connection ({error.reason or error})"
        elif isinstance(error, http.client.HTTPException):
            why = "what answers there is no HTTP server"
        else:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return ModelUnavailable(
            f"The server {self.url} cannot be reached: {why}.",
            "Start it, check the address given with --server, or play without --server.",
        )

    def nonsense(self) -> ModelUnavailable:
        """What to tell the player when the answer is not of the protocol."""
        return ModelUnavailable(
            f"The server {self.url} does not answer as an OpenAI-compatible server does.",
            "Check the address; llama-server, Ollama and vLLM answer under /v1.",
        )

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json, text/event-stream"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        return headers

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        if self._secure:
            return http.client.HTTPSConnection(self.host, self.port, timeout=timeout)
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)


class _Request:
    """One POST, read by a thread of its own so that whoever waits for it can stop waiting.

    `lines` gets the lines of the answer, then None; or the exception that ended it.
    """

    def __init__(self, server: Server, path: str, body: bytes) -> None:
        self.lines: queue.Queue[bytes | Exception | None] = queue.Queue()
        self._connection = server._connection(server._connect)
        self._headers = server._headers() | {"Content-Type": "application/json"}
        self._path = server.base + path
        self._body = body
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._read, name="server", daemon=True)
        self._thread.start()

    def hang_up(self) -> None:
        """Break the connection; a reader that waits for it ends at once."""
        self._gone.set()
        if (opened := self._connection.sock) is not None:
            try:
                opened.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # the server was quicker

    def _read(self) -> None:
        connection = self._connection
        try:
            connection.connect()
            assert connection.sock is not None
            if self._gone.is_set():
                return
            # From here on the one who waits for the lines decides how long silence may last.
            connection.sock.settimeout(None)
            connection.request("POST", self._path, self._body, self._headers)
            answer = connection.getresponse()
            if not 200 <= answer.status < 300:
                _check(answer.status, answer.read(_LONGEST_LINE))
            while line := answer.readline(_LONGEST_LINE):
                self.lines.put(line.strip())
            self.lines.put(None)
        except Exception as error:  # handed to the thread that waits
            self.lines.put(error)
        finally:
            connection.close()


def _check(status: int, text: bytes) -> None:
    """Raise Refusal, with the server's own words, unless `status` is a success."""
    if 200 <= status < 300:
        return
    reason = " ".join(text[:300].decode("utf-8", "replace").split())
    try:
        found = json.loads(text)
        found = found.get("error", found.get("detail", found))
        if isinstance(found, dict):
            found = found.get("message", found)
        reason = " ".join(str(found).split())[:300]
    except (ValueError, AttributeError):
        pass
    raise Refusal(status, reason or http.client.responses.get(status, "no reason given"))
