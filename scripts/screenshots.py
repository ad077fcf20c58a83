"""Makes the pictures of the documentation: plays the game in the app and draws its screen.

    .venv/bin/python scripts/screenshots.py [--no-llm] [--only NAME …] [--out docs/pictures]

Each picture is written as SVG and PNG. The game is played in a home folder of its own, with seed 7
and the bundled model, so the pictures change only when the game does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cairosvg
from textual.pilot import Pilot

from game.cli.play import RegisteredAdapters
from game.front.stage import Options, Stage
from game.tui.app import LimelightApp

ROOT = Path(__file__).parents[1]
FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"
_FONT_FACE = re.compile(r"@font-face\s*{.*?}", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """A screen of `size` after `commands` were played and `keys` pressed."""

    name: str
    size: tuple[int, int]
    commands: tuple[str, ...]
    keys: tuple[str, ...] = ()
    theme: str = ""
    titled: bool = False  # on the title screen, without a game


WALK = ("go east", "go north", "go south", "go east", "look")
STORY = ("take bread", "go east", "say good morning to hob", "take wines")
PICTURES = (
    Picture("game", (140, 40), STORY, ("f5", "e", "x", "a", "m")),
    Picture("small", (80, 24), STORY[:3], ("f5",)),
    Picture("facts", (100, 30), STORY[:2], ("f3",)),
    Picture("reasons", (80, 24), STORY[:2], ("f5", "f7", "1")),
    Picture("why", (100, 30), STORY[:3], ("ctrl+t",)),
    Picture("map", (100, 30), WALK, ("f2",)),
    Picture("journal", (100, 30), STORY, ("f4",)),
    Picture("people", (100, 30), STORY, ("f9",)),
    Picture("history", (80, 24), (*WALK[:3], "rewind 1", "go north", "look"), ("f8",)),
    Picture("help", (80, 24), STORY[:1], ("f1",)),
    Picture("daylight", (100, 30), STORY[:3], (), "matinee"),
    Picture("contrast", (100, 30), STORY[:3], (), "blackout"),
    Picture("title", (80, 24), (), (), titled=True),
    Picture("worlds", (100, 30), (), ("w", "end"), titled=True),
    Picture("settings", (80, 24), (), ("s",), titled=True),
    Picture("models", (80, 24), (), ("m", "t"), titled=True),
)


async def draw(picture: Picture, llm: bool, out: Path) -> None:
    """Play and write `out`/NAME.svg and .png."""
    options = Options(
        "village", "tui", seed=7, resume="never", llm=llm, adapters=RegisteredAdapters(None)
    )
    if picture.titled:
        # A game to resume, three turns old.
        stage = Stage.open(replace(options, resume="auto", llm=False))
        for command in STORY[:3]:
            stage.command(command)
        stage.close()
    open_stage = None if picture.titled else lambda: Stage.open(options)
    app = LimelightApp(open_stage, theme=picture.theme, options=options)
    async with app.run_test(size=picture.size) as pilot:
        await _until(pilot, lambda: picture.titled or app.play_screen.ready)
        for command in picture.commands:
            app.play_screen.play(command)
            await _until(pilot, lambda: app.play_screen.ready)
        for key in picture.keys:
            await pilot.press(key)
            # What a worker thread looks up or measures must be on the picture, too.
            await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.5)
        svg = app.export_screenshot(title=app.title)
    # The exporter names a web font; the picture must not depend on somebody's server.
    svg = _FONT_FACE.sub("", svg).replace("Fira Code", FONT)
    (out / f"{picture.name}.svg").write_text(svg)
    cairosvg.svg2png(
        bytestring=svg.replace(FONT, "DejaVu Sans Mono").encode(),
        write_to=str(out / f"{picture.name}.png"),
        output_width=picture.size[0] * 14,
    )


async def _until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            await pilot.pause()
            return
        await pilot.pause(0.01)
    raise SystemExit("The game did not get ready within a minute.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-llm", action="store_true")
    parser.add_argument("--only", nargs="*", help="names of pictures (default: all)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        if arguments.only and picture.name not in arguments.only:
            continue
        with tempfile.TemporaryDirectory() as home:
            os.environ["GAME_HOME"] = home
            asyncio.run(draw(picture, not arguments.no_llm, arguments.out))
        print(f"{arguments.out / picture.name}.png")


if __name__ == "__main__":
    main()
