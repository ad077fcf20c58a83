"""The game screen: the story, the command line, the panes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Static

from game.front.history import History
from game.front.text import clean
from game.front.thumbs import ThumbCommand, parse_thumb
from game.tui import messages
from game.tui.bridge import Bridge
from game.tui.keys import bindings
from game.tui.screens.book import BookScreen
from game.tui.screens.help import HelpScreen
from game.tui.screens.history import HistoryScreen
from game.tui.screens.reasons import ReasonsScreen
from game.tui.screens.retelling import RetellingScreen, finish
from game.tui.widgets.block import Block, Kind
from game.tui.widgets.command import CommandLine
from game.tui.widgets.narrator import NarratorLine
from game.tui.widgets.panel import Pane, SidePanel
from game.tui.widgets.status import StatusLine
from game.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from game.front.book import Book
    from game.front.stage import Stage
    from game.front.training import Progress


class PlayScreen(RetellingScreen):
    """Shows what the bridge reports and hands it what the player does."""

    AUTO_FOCUS = "#command"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]

    BINDINGS: ClassVar[list[BindingType]] = bindings("game")

    def __init__(self, open_stage: Callable[[], Stage], history: History) -> None:
        super().__init__()
        self._history = history
        self.bridge = Bridge(open_stage, self.post_message)
        self.book: Book | None = None
        self._next_key = 0
        self._echoes: dict[int, int] = {}  # a command's number -> its block's key
        self._parts: dict[tuple[int, int], int] = {}  # with a telling's number -> its block's key
        self._room = ""
        self._over = False

    def compose(self) -> ComposeResult:
        yield StatusLine(id="status")
        with Horizontal(id="main"):
            with Vertical(id="story"):
                yield Transcript(id="transcript")
            yield SidePanel(id="panel")
        with Horizontal(id="prompt"):
            yield Static("❯ ", id="sign")
            yield CommandLine(self._history, id="command")
            yield Static("", id="more")
            yield NarratorLine(id="narrator")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        # Started only now, so that the first screen is drawn before anything is loaded.
        self.call_after_refresh(self.bridge.start)

    # -- the player ---------------------------------------------------------------------------

    @on(CommandLine.Submitted)
    def _submitted(self, event: CommandLine.Submitted) -> None:
        text = clean(event.value).strip()
        event.input.clear()
        event.input.placeholder = ""  # said once is enough
        self.transcript.follow()
        if text:
            self.play(text)

    @on(Pane.Chosen)
    def _chosen(self, event: Pane.Chosen) -> None:
        self.play(event.command)

    def play(self, command: str) -> None:
        """Show `command` and carry it out."""
        self._history.add(command)
        rating = parse_thumb(command)
        if rating is not None:
            self._rate(rating)
            return
        from game.front.asides import parse_aside  # with it comes the engine, which starts later

        aside = parse_aside(command)
        if aside is not None:
            self.aside(aside)
            return
        echo = self._add("command", command)
        self.transcript.follow()
        self._echoes[self.bridge.submit(command)] = echo.key

    @on(Transcript.Typed)
    def _typed(self, event: Transcript.Typed) -> None:
        self.command.focus()
        self.command.insert_text_at_cursor(event.character)

    @on(Transcript.Thumbed)
    def _thumbed(self, event: Transcript.Thumbed) -> None:
        block = self.transcript.block(event.key)
        self._vote(block, 0 if block.value == event.value else event.value, ())

    @on(Transcript.ReasonsWanted)
    def _reasons_wanted(self, event: Transcript.ReasonsWanted) -> None:
        block = self.transcript.block(event.key)
        if not block.value:
            self.notify("Give it a thumb first: F5 or F6.")
            return

        def keep(tags: tuple[str, ...] | None) -> None:
            if tags is not None:
                self._vote(block, block.value, tags)

        self.app.push_screen(ReasonsScreen(block.text, block.value, block.tags), keep)

    @on(Transcript.Positioned)
    def _positioned(self, event: Transcript.Positioned) -> None:
        more = self.query_one("#more", Static)
        more.display = event.more
        more.update("↓ new  ctrl+End" if event.new else "↓ more")

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())

    def action_history(self) -> None:
        """Show the tree of turns; what is chosen there is played as a command."""
        rows = self.bridge.history()
        if rows:
            self.app.push_screen(
                HistoryScreen(rows), lambda line: self.play(line) if line else None
            )

    def action_map(self) -> None:
        if self.book is not None:
            from game.tui.screens.map import MapScreen  # with it comes the engine

            self.app.push_screen(MapScreen(self.book))

    def action_journal(self) -> None:
        if self.book is not None:
            from game.tui.screens.journal import JournalScreen

            self.app.push_screen(JournalScreen(self.book, self.bridge.pin))

    def action_people(self) -> None:
        if self.book is not None:
            from game.tui.screens.people import PeopleScreen

            self.app.push_screen(PeopleScreen(self.book))

    def action_facts(self) -> None:
        self.transcript.toggle_facts()

    def action_thumb(self, value: int) -> None:
        if self.transcript.current is None:
            self.notify("There is nothing to thumb yet.")
        self.transcript.action_thumb(value)

    def action_reasons(self) -> None:
        self.transcript.action_reasons()

    def action_select(self, step: int) -> None:
        self.transcript.action_select(step)

    def action_page(self, step: int) -> None:
        if step < 0:
            self.transcript.scroll_page_up(animate=False)
        else:
            self.transcript.scroll_page_down(animate=False)

    def action_newest(self) -> None:
        self.transcript.action_follow()

    def action_stop(self) -> None:
        self.bridge.stop()
        self.command.focus()

    # -- the game -----------------------------------------------------------------------------

    @on(messages.GameOpened)
    def _opened(self, event: messages.GameOpened) -> None:
        self.app.title = event.title
        self.narrator.pending = event.pending
        self._show_learning()
        if event.resumed:
            self._add("notice", "Your game goes on where you left it.")

    @on(messages.TurnBegun)
    def _turn_begun(self, event: messages.TurnBegun) -> None:
        self._room = event.scene.room
        self.query_one(StatusLine).scene = event.scene
        self.query_one(SidePanel).scene = event.scene
        self.command.offer(event.scene.complete)

    @on(messages.BookKept)
    def _book_kept(self, event: messages.BookKept) -> None:
        self.book = event.book
        for screen in self.app.screen_stack:
            if isinstance(screen, BookScreen):
                screen.show(event.book)

    @on(messages.Told)
    def _told(self, event: messages.Told) -> None:
        says, telling = event.says, (event.turn, event.says.part)
        if telling not in self._parts:
            # A telling that comes after the next command was typed still goes above that command.
            next_echo = self._echoes.get(event.turn + 1)
            self._parts[telling] = self._add(says.kind, growing=True, before=next_echo).key
        block = self.transcript.block(self._parts[telling])
        if not says.last:
            block.text = f"{block.text} {says.text}".strip()
        elif not says.text:
            self.transcript.discard(block.key)
            return
        else:
            finish(block, says)
        self.transcript.changed(block.key)

    @on(messages.TurnDone)
    def _turn_done(self, event: messages.TurnDone) -> None:
        self.transcript.end_turn()
        if event.quitting:
            self.app.exit(0)
        elif event.over and not self._over:
            worlds = "F10 leads to other worlds; " if self.app.check_action("title", ()) else ""
            self._add("notice", f"The end. undo takes the last turn back; {worlds}ctrl+Q quits.")
        self._over = event.over

    @on(messages.NarratorChanged)
    def _narrator_changed(self, event: messages.NarratorChanged) -> None:
        self.narrator.state = event.state
        if event.reason:
            self._add("error", f"The narrator is not available: {event.reason}")

    def learning(self, progress: Progress) -> None:
        """A training goes on beside the game: show how far it is."""
        done = f" {progress.step}/{progress.steps}" if progress.steps else ""
        self.narrator.learning = "" if progress.done else f"learning{done}: ctrl+N"
        if progress.version:
            self.bridge.lend(lambda stage, cancel: self._count(stage))

    def _count(self, stage: Stage) -> None:
        self.post_message(messages.VoteKept(-1, stage.ballot.pending()))

    @work(thread=True, exit_on_error=False)
    def _show_learning(self) -> None:
        """Say how many thumbs are worth a training; what knows is loaded on a thread."""
        versions = getattr(self.app, "versions", None)
        if versions is not None:
            self.app.call_from_thread(setattr, self.narrator, "enough", versions.enough)

    @on(messages.VoteKept)
    def _vote_kept(self, event: messages.VoteKept) -> None:
        self.narrator.pending = event.pending

    @on(messages.VoteFailed)
    def _vote_failed(self, event: messages.VoteFailed) -> None:
        self._mark(self.transcript.block(event.key), event.value, event.tags)
        self.notify(event.reason, severity="error", markup=False)

    @on(messages.Trouble)
    def _trouble(self, event: messages.Trouble) -> None:
        self._add("error", f"{event.message} {event.hint}".strip())

    @on(messages.GameFailed)
    def _failed(self, event: messages.GameFailed) -> None:
        self.app.fail(event.error)  # type: ignore[attr-defined]

    # -- inside -------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether nothing more will come before the next command."""
        return self.bridge.idle

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    @property
    def command(self) -> CommandLine:
        return self.query_one(CommandLine)

    @property
    def narrator(self) -> NarratorLine:
        return self.query_one(NarratorLine)

    def _add(
        self, kind: Kind, text: str = "", *, growing: bool = False, before: int | None = None
    ) -> Block:
        self._next_key += 1
        block = Block(self._next_key, kind, text, growing=growing, heading=self._room)
        self.transcript.add(block, before)
        return block

    def _rate(self, rating: ThumbCommand) -> None:
        """A typed thumb: on the n-th last telling, which is marked so that one sees which."""
        votable = [block for block in self.transcript.blocks if block.target]
        if not 1 <= rating.back <= len(votable):
            self.notify("There is no telling to thumb that far back.")
            return
        block = votable[-rating.back]
        self.transcript.set_current(block.key)
        self._vote(block, rating.value, rating.tags)

    def _vote(self, block: Block, value: int, tags: tuple[str, ...]) -> None:
        if block.target is None:
            return
        before = (block.value, block.tags)
        self._mark(block, value, tags)
        self.bridge.vote(block.key, block.target, value, tags, before)

    def _mark(self, block: Block, value: int, tags: tuple[str, ...]) -> None:
        """Show a thumb on every block that stands for the same row."""
        for other in self.transcript.blocks:
            if other.target == block.target:
                other.value, other.tags = value, tags
                self.transcript.changed(other.key)
