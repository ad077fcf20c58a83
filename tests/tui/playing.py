"""Playing the app through Pilot: type, read, wait for what the bridge's threads bring."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from game.front.stage import Options, Stage
from game.tui.app import LimelightApp
from game.tui.screens.play import PlayScreen
from game.tui.widgets.block import Block, Kind
from game.tui.widgets.transcript import Transcript

OPTIONS = Options("village", "tui", seed=7, llm=False)


class Play:
    """One app under test and the pilot that plays it."""

    def __init__(self, app: LimelightApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> PlayScreen:
        return self.app.play_screen

    @property
    def blocks(self) -> list[Block]:
        return self.screen.query_one(Transcript).blocks

    def last(self, kind: Kind) -> Block:
        return next(block for block in reversed(self.blocks) if block.kind == kind)

    @property
    def stage(self) -> Stage:
        stage = self.screen.bridge._stage
        assert stage is not None
        return stage

    def text(self) -> str:
        """What the terminal shows, line by line."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(line.text[:width].rstrip() for line in lines[:height])

    async def until(self, condition: Callable[[], object], seconds: float = 90.0) -> None:
        """Let the app run until `condition` holds."""
        end = time.monotonic() + seconds
        while not condition():
            if self.app.failure is not None:
                raise self.app.failure
            assert time.monotonic() < end, f"not in {seconds} s; the screen:\n{self.text()}"
            await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def idle(self) -> None:
        """Wait until everything that was asked for has been told."""
        await self.until(lambda: not self.screen.bridge._open_jobs)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a command line and press Enter."""
        await self.pilot.press(*(_KEYS.get(c, c) for c in text), "enter")

    async def do(self, text: str) -> None:
        """Type a command line and wait until it has been told."""
        await self.type(text)
        await self.idle()


_KEYS = {" ": "space", ":": "colon", "[": "left_square_bracket", "]": "right_square_bracket"}


@asynccontextmanager
async def playing(
    open_stage: Callable[[], Stage] | None = None,
    size: tuple[int, int] = (100, 30),
    options: Options = OPTIONS,
) -> AsyncIterator[Play]:
    """The app on the village with seed 7, told plainly, its opening on the screen."""
    app = LimelightApp(open_stage or (lambda: Stage.open(options)))
    async with app.run_test(size=size) as pilot:
        play = Play(app, pilot)
        await play.until(lambda: play.screen.bridge._stage is not None)
        await play.idle()
        yield play
