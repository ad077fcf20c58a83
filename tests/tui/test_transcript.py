"""The transcript: what it shows, where it scrolls, and what a mouse or key does to a telling."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from game.front.thumbs import Target
from game.tui.widgets.block import Block, Kind
from game.tui.widgets.transcript import Transcript
from tests.pace import best_of, budget


class Reader(App[None]):
    """A transcript and nothing else; what it posts is kept."""

    CSS = "Transcript { height: 1fr; overflow-x: hidden; overflow-y: scroll; }"

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Message] = []
        self._keys = 0

    def compose(self) -> ComposeResult:
        yield Transcript()

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    def add(self, kind: Kind, text: str, *, votable: bool = False, growing: bool = False) -> Block:
        self._keys += 1
        target = Target("telling", self._keys) if votable else None
        block = Block(self._keys, kind, text, growing=growing)
        self.transcript.add(block)
        block.target = target
        self.transcript.changed(block.key)
        return block

    def turns(self, first: int, last: int) -> None:
        for n in range(first, last + 1):
            self.add("command", f"command {n}")
            self.add("telling", f"Telling {n}. " + "All is well. " * 8, votable=True)

    def screen_text(self) -> str:
        height = self.transcript.size.height
        return "\n".join(self.transcript.render_line(y).text.rstrip() for y in range(height))

    def on_transcript_thumbed(self, event: Transcript.Thumbed) -> None:
        self.heard.append(event)

    def on_transcript_reasons_wanted(self, event: Transcript.ReasonsWanted) -> None:
        self.heard.append(event)

    def on_transcript_positioned(self, event: Transcript.Positioned) -> None:
        self.heard.append(event)

    def on_transcript_typed(self, event: Transcript.Typed) -> None:
        self.heard.append(event)

    def last(self, kind: type[Message]) -> Message:
        return next(m for m in reversed(self.heard) if isinstance(m, kind))


async def test_it_follows_what_is_added() -> None:
    app = Reader()
    async with app.run_test(size=(60, 12)) as pilot:
        app.turns(1, 20)
        await pilot.pause()
        assert "Telling 20." in app.screen_text()
        assert app.last(Transcript.Positioned) == Transcript.Positioned(False, False) or (
            "command 20" in app.screen_text()
        )


async def test_following_keeps_the_beginning_of_a_long_turn_on_the_screen() -> None:
    app = Reader()
    async with app.run_test(size=(60, 12)) as pilot:
        app.turns(1, 5)
        app.add("command", "help")
        app.add("notice", "\n".join(f"line {n}" for n in range(40)))
        await pilot.pause()
        assert "help" in app.screen_text() and "line 0" in app.screen_text()
        positioned = app.last(Transcript.Positioned)
        assert isinstance(positioned, Transcript.Positioned) and positioned.more


async def test_a_reader_who_scrolled_up_is_left_alone() -> None:
    app = Reader()
    async with app.run_test(size=(60, 12)) as pilot:
        app.turns(1, 20)
        await pilot.pause()
        app.transcript.scroll_to(y=10, animate=False)
        await pilot.pause()
        before = app.screen_text()
        app.turns(21, 23)
        block = app.add("telling", "", growing=True)
        for _ in range(5):
            block.text += "More and more. "
            app.transcript.changed(block.key)
        await pilot.pause()
        assert app.screen_text() == before
        assert app.last(Transcript.Positioned) == Transcript.Positioned(True, True)
        app.transcript.follow()
        await pilot.pause()
        assert "More and more." in app.screen_text()
        positioned = app.last(Transcript.Positioned)
        assert isinstance(positioned, Transcript.Positioned) and not positioned.new


async def test_scrolling_back_to_the_end_follows_again() -> None:
    app = Reader()
    async with app.run_test(size=(60, 12)) as pilot:
        app.turns(1, 20)
        app.transcript.scroll_to(y=3, animate=False)
        app.transcript.scroll_end(animate=False)
        await pilot.pause()
        app.turns(21, 21)
        await pilot.pause()
        assert "Telling 21." in app.screen_text()


async def test_a_resize_keeps_what_was_at_the_upper_edge() -> None:
    app = Reader()
    async with app.run_test(size=(60, 12)) as pilot:
        app.turns(1, 30)
        await pilot.pause()
        row = next(n for n, (i, _) in enumerate(app.transcript._rows) if i == 19) + 1
        app.transcript.scroll_to(y=row, animate=False)
        await pilot.pause()
        assert app.screen_text().startswith("  Telling 10.")
        for size in ((30, 20), (100, 12), (45, 9)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.screen_text().lstrip().startswith("Telling 10."), size


async def test_the_first_votable_telling_of_a_turn_is_marked() -> None:
    app = Reader()
    async with app.run_test(size=(60, 24)) as pilot:
        app.turns(1, 1)
        app.add("command", "look")
        assert app.transcript.current is None
        first = app.add("telling", "First.", votable=True)
        app.add("character", "Second.", votable=True)
        await pilot.pause()
        assert app.transcript.current is first
        assert "▌ First." in app.screen_text()


async def test_another_telling_is_chosen_by_key_and_scrolled_to() -> None:
    app = Reader()
    async with app.run_test(size=(60, 12)) as pilot:
        app.turns(1, 20)
        app.transcript.focus()
        await pilot.press(*["up"] * 12)
        await pilot.pause()
        current = app.transcript.current
        assert current is not None and current.text.startswith("Telling 8.")
        assert "▌ Telling 8." in app.screen_text()
        await pilot.press("minus")
        assert app.last(Transcript.Thumbed) == Transcript.Thumbed(current.key, -1)
        await pilot.press("plus", "enter")
        assert app.last(Transcript.Thumbed) == Transcript.Thumbed(current.key, 1)
        assert app.last(Transcript.ReasonsWanted) == Transcript.ReasonsWanted(current.key)


async def click_mark(app: Reader, pilot: Pilot[None], text: str, mark: str) -> None:
    y, line = next(
        (y, line) for y, line in enumerate(app.screen_text().splitlines()) if text in line
    )
    await pilot.click(Transcript, offset=(line.index(mark), y))


async def test_the_marks_are_clicked_on_the_telling_they_stand_beside() -> None:
    app = Reader()
    async with app.run_test(size=(60, 24)) as pilot:
        app.add("command", "look")
        first = app.add("telling", "First. " * 20, votable=True)
        second = app.add("character", "Second.", votable=True)
        await pilot.pause()
        await click_mark(app, pilot, "Second.", "▲")
        assert app.last(Transcript.Thumbed) == Transcript.Thumbed(second.key, 1)
        assert app.transcript.current is second
        await click_mark(app, pilot, "First.", "▼")
        assert app.last(Transcript.Thumbed) == Transcript.Thumbed(first.key, -1)


async def test_what_cannot_be_thumbed_has_no_marks() -> None:
    app = Reader()
    async with app.run_test(size=(60, 24)) as pilot:
        app.add("notice", "Saved.")
        await pilot.pause()
        assert "▲" not in app.screen_text()


async def test_letters_typed_here_belong_to_the_command_line() -> None:
    app = Reader()
    async with app.run_test(size=(60, 24)) as pilot:
        app.transcript.focus()
        await pilot.press("x")
        assert app.last(Transcript.Typed) == Transcript.Typed("x")


async def test_facts_show_under_prose_only() -> None:
    app = Reader()
    async with app.run_test(size=(60, 24)) as pilot:
        block = app.add("telling", "The lamp comes away with a sigh.", votable=True)
        block.facts = "You take the lamp."
        app.transcript.changed(block.key)
        await pilot.pause()
        assert "You take" not in app.screen_text()
        assert app.transcript.toggle_facts()
        await pilot.pause()
        assert "= You take the lamp." in app.screen_text()


async def test_control_characters_and_markup_are_shown_literally() -> None:
    app = Reader()
    async with app.run_test(size=(90, 24)) as pilot:
        app.add("telling", "[bold red]Not[/] \x1b[31mred\x1b[0m [@click=app.quit]out[/]")
        await pilot.pause()
        assert "[bold red]Not[/] [31mred[0m [@click=app.quit]out[/]" in app.screen_text()


async def test_a_thousand_turns_cost_no_more_a_change_than_ten() -> None:
    app = Reader()
    async with app.run_test(size=(100, 30)) as pilot:
        app.turns(1, 1000)
        await pilot.pause()
        block = app.add("telling", "", votable=True, growing=True)

        def grow() -> None:
            block.text += "A sentence of prose. "
            app.transcript.changed(block.key)
            app.screen_text()

        assert best_of(20, grow) < budget(0.03)
        assert len(app.query("*")) < 10


async def test_text_is_selected_with_the_mouse() -> None:
    app = Reader()
    async with app.run_test(size=(60, 24)) as pilot:
        app.add("telling", "First line of the story.\nSecond line of it.", votable=True)
        await pilot.pause()
        await pilot.mouse_down(Transcript, offset=(8, 0))
        await pilot.hover(Transcript, offset=(13, 1))
        await pilot.pause()
        assert "Second line" in app.screen_text()
        await pilot.mouse_up(Transcript, offset=(13, 1))
        await pilot.pause()
        selected = app.screen.get_selected_text()
        assert selected is not None
        assert selected.strip().splitlines() == ["line of the story.", "Second line"]
