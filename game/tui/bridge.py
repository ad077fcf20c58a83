"""Everything that does not run on the screen's own thread, and the messages that come back.

One thread plays: it owns the session and the narrator, takes one command after the other, and warms
the narrator up while there is nothing else to do. A second, short-lived one loads the model, and a
third keeps thumbs, so that neither a slow disk nor another game's lock ever freezes a key press.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.message import Message

from game.errors import GameError
from game.tui import messages

if TYPE_CHECKING:
    from game.front.asides import Aside
    from game.front.stage import Options, Stage
    from game.front.thumbs import Target
    from game.front.tree import TreeRow
    from game.session import Turn


#: Uses the stage on the playing thread until it is done or told to stop.
Loan = Callable[["Stage", threading.Event], None]


@dataclass(frozen=True)
class _Question:
    """Something to be done with the telling number `told`, which the block `key` shows."""

    key: int
    told: int
    aside: Aside


@dataclass(eq=False)
class _Job:
    """A command to play; None is the opening. `cancel` ends its telling, never its turn. With a
    `question` or a `loan`, it is that alone.

    `number` counts commands from 0, the opening; the messages about it carry it.
    """

    number: int
    command: str | None
    question: _Question | None = None
    loan: Loan | None = None
    cancel: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class _Pin:
    """A fact of the journal to be pinned, or no longer."""

    key: str


#: Wakes the playing thread: the model is there.
_LOADED = _Job(-1, None)


class Bridge:
    """Runs a Stage for a screen. `post` must be safe to call from any thread.

    `open_stage` is called on the playing thread, because loading a world takes time.
    """

    def __init__(self, open_stage: Callable[[], Stage], post: Callable[[Message], object]) -> None:
        self._open_stage = open_stage
        self._post = post
        self._jobs: queue.Queue[_Job | _Pin | Callable[[Options], Options] | None] = queue.Queue()
        self._open_jobs: set[_Job] = set()
        self._given = 0
        self._lock = threading.Lock()
        self._stage: Stage | None = None
        self._player = threading.Thread(target=self._play, name="player", daemon=True)
        self._loader: threading.Thread | None = None
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="thumbs")
        self._closed = threading.Event()
        self._warming = threading.Event()  # set to interrupt warming up

    def start(self) -> None:
        """Open the stage and tell the opening."""
        self._put(_Job(0, None))
        self._player.start()

    def submit(self, command: str) -> int:
        """Play `command` as soon as the turn in progress allows, whose telling is cut short.

        Returns its number.
        """
        self.stop()
        self._given += 1
        self._put(_Job(self._given, command))
        return self._given

    def stop(self) -> bool:
        """Cut every telling in progress short; the plain facts stand. False: there was none."""
        with self._lock:
            for job in self._open_jobs:
                job.cancel.set()
            return bool(self._open_jobs)

    @property
    def idle(self) -> bool:
        """Whether everything that was asked for has been told and the narrator is not loading."""
        stage = self._stage
        if stage is None or self._open_jobs:
            return False
        loading = self._loader is not None and self._loader.is_alive()
        return not loading and (stage.performer.model is None or stage.warm)

    def adopt(self, change: Callable[[Options], Options]) -> None:
        """Go on with the options that `change` makes of those in use, after the turn in progress;
        a narrator that is no longer wanted leaves, and another is loaded while the game goes on."""
        self.stop()
        with self._lock:
            self._warming.set()
        self._jobs.put(change)

    def history(self) -> list[TreeRow]:
        """The game's turns as a tree; empty before the game is open."""
        if self._stage is None:
            return []
        from game.front.tree import tree_rows  # with it comes the engine, which starts later

        session = self._stage.session
        return tree_rows(session.world, session.timeline.copy())

    def pin(self, key: str) -> None:
        """Pin a fact of the journal, or no longer, after the turn in progress."""
        with self._lock:
            self._warming.set()
        self._jobs.put(_Pin(key))

    def ask(self, key: int, told: int, aside: Aside) -> None:
        """Do what `aside` asks with the telling number `told`, which the block `key` shows, after
        the turn in progress."""
        self._put(_Job(-1, None, _Question(key, told, aside)))

    def lend(self, loan: Loan) -> None:
        """Let `loan` have the stage, and with it the model, after the turn in progress. It sees to
        its own errors."""
        self._put(_Job(-1, None, loan=loan))

    def vote(
        self,
        key: int,
        target: Target,
        value: int,
        tags: tuple[str, ...],
        before: tuple[int, tuple[str, ...]],
    ) -> None:
        """Keep a thumb on the block `key`; `before` is what to go back to if it cannot be kept."""
        if not self._closed.is_set():
            self._clerk.submit(self._vote, key, target, value, tags, before)

    def close(self, timeout: float = 5.0) -> None:
        """Finish the command in progress, keep what has to be kept, and end all threads."""
        if self._closed.is_set():
            return
        with self._lock:
            self._closed.set()
            self._warming.set()
        self.stop()
        self._jobs.put(None)
        if self._player.ident is not None:
            self._player.join(timeout)
        if self._loader is not None:
            self._loader.join(timeout)
        self._clerk.shutdown(wait=True)
        if self._stage is not None and not self._player.is_alive():
            self._stage.close()

    # -- on the playing thread ----------------------------------------------------------------

    def _put(self, job: _Job) -> None:
        with self._lock:
            self._open_jobs.add(job)
            self._warming.set()
        self._jobs.put(job)

    def _play(self) -> None:
        try:
            self._stage = stage = self._open_stage()
            self._post(messages.GameOpened(stage.title, stage.resumed, stage.ballot.pending()))
            self._begin_loading(stage)
            while (job := self._jobs.get()) is not None:
                if isinstance(job, _Pin):
                    self._toggle_pin(stage, job.key)
                elif not isinstance(job, _Job):
                    self._change(stage, job)
                elif job.loan is not None:
                    self._give(stage, job, job.loan)
                elif job.question is not None:
                    self._answer(stage, job, job.question)
                elif job is not _LOADED:
                    self._take(stage, job)
                if stage.performer.model is not None and not stage.warm:
                    self._warm_up(stage)
        except Exception as error:  # the screen must learn of it, or it would wait for ever
            self._post(messages.GameFailed(error))

    def _begin_loading(self, stage: Stage) -> None:
        if stage.wants_narrator:
            self._loader = threading.Thread(target=self._load, name="loader", daemon=True)
            self._loader.start()

    def _change(self, stage: Stage, change: Callable[[Options], Options]) -> None:
        if self._loader is not None:
            self._loader.join()  # what it brings must not replace what is chosen now
        stage.adopt(change(stage.options))
        if stage.performer.model is None:
            self._post(messages.NarratorChanged("plain"))
        self._begin_loading(stage)

    def _toggle_pin(self, stage: Stage, key: str) -> None:
        stage.session.notebook.toggle(key)
        for trouble in stage.session.keep():
            self._post(messages.Trouble(trouble, ""))
        self._keep_book(stage)

    def _keep_book(self, stage: Stage) -> None:
        from game.front.book import book_of  # with it comes the engine, which starts later

        self._post(messages.BookKept(book_of(stage.session)))

    def _warm_up(self, stage: Stage) -> None:
        """Warm up until it is done or a command comes; after that command it goes on."""
        with self._lock:
            if self._open_jobs or self._closed.is_set():
                return
            self._warming.clear()
        self._post(messages.NarratorChanged("warming up"))
        try:
            stage.warm_up(self._warming)
        except GameError as error:
            stage.drop_narrator()
            self._post(messages.NarratorChanged("failed", str(error)))
        else:
            if stage.warm:
                self._post(messages.NarratorChanged("ready"))

    def _take(self, stage: Stage, job: _Job) -> None:
        try:
            turn = stage.opening() if job.command is None else stage.command(job.command)
            self._tell(stage, turn, job)
        except GameError as error:
            self._post(messages.Trouble(error.message, error.hint))
        finally:
            with self._lock:
                self._open_jobs.discard(job)

    def _give(self, stage: Stage, job: _Job, loan: Loan) -> None:
        try:
            loan(stage, job.cancel)
        finally:
            with self._lock:
                self._open_jobs.discard(job)

    def _answer(self, stage: Stage, job: _Job, question: _Question) -> None:
        writing = question.aside.kind == "retry" and stage.performer.model is not None
        try:
            if writing:
                self._post(messages.NarratorChanged("writing"))
            answer = stage.aside(question.aside, question.told, job.cancel)
            self._post(messages.Answered(question.key, answer))
        except GameError as error:
            self._post(messages.AsideRefused(question.key, str(error)))
        finally:
            if writing:
                self._post(messages.NarratorChanged("ready"))
            with self._lock:
                self._open_jobs.discard(job)

    def _tell(self, stage: Stage, turn: Turn, job: _Job) -> None:
        self._post(messages.TurnBegun(job.number, stage.scene()))
        if job.command is not None:
            self._keep_book(stage)
        writing = stage.narrates(turn)
        if writing:
            self._post(messages.NarratorChanged("writing"))
        for says in stage.tell(turn, job.cancel):
            self._post(messages.Told(job.number, says))
        if writing:
            self._post(messages.NarratorChanged("ready"))
        if job.command is None:
            self._keep_book(stage)  # a long game's takes a while, and the opening comes first
        self._post(messages.TurnDone(stage.session.done, stage.session.quitting))

    # -- on the other threads -----------------------------------------------------------------

    def _load(self) -> None:
        assert self._stage is not None
        self._post(messages.NarratorChanged("warming up"))
        try:
            self._stage.load_narrator()
        except Exception as error:  # whatever it is, the game can be played plainly
            self._post(messages.NarratorChanged("failed", str(error) or repr(error)))
        else:
            self._jobs.put(_LOADED)

    def _vote(
        self,
        key: int,
        target: Target,
        value: int,
        tags: tuple[str, ...],
        before: tuple[int, tuple[str, ...]],
    ) -> None:
        assert self._stage is not None
        try:
            pending = self._stage.ballot.vote(target, value, tags)
        except GameError as error:
            self._post(messages.VoteFailed(key, *before, str(error)))
        else:
            self._post(messages.VoteKept(key, pending))
