"""The part of the game screen that deals with tellings: retry, swipe, edit, why, context."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.screen import Screen

from game.front.says import Says
from game.tui import messages
from game.tui.bridge import Bridge
from game.tui.keys import bindings
from game.tui.screens.context import ContextScreen
from game.tui.screens.edit import EditScreen
from game.tui.screens.why import WhyScreen
from game.tui.widgets.block import Block
from game.tui.widgets.command import CommandLine
from game.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from game.front.asides import Aside, AsideKind


class RetellingScreen(Screen[None]):
    """A screen with a transcript and a bridge, whose marked telling can be told another way."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("telling")

    bridge: Bridge

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "swipe":
            return not self.query_one(CommandLine).value
        return super().check_action(action, parameters)

    @property
    def _tellings(self) -> Transcript:
        return self.query_one(Transcript)

    # -- what the player asks for -------------------------------------------------------------

    def action_retry(self) -> None:
        """Have the marked telling told another way."""
        self._ask("retry")

    def action_why(self) -> None:
        """Show what is behind the marked telling."""
        self._ask("why")

    def action_context(self) -> None:
        """Show what the model was given for the marked telling."""
        self._ask("context")

    def action_edit(self) -> None:
        """Open the model's words in the marked telling for rewriting."""
        self._ask("edit")

    def action_swipe(self, step: int) -> None:
        """Show the take before or after; after the last one, ask for another."""
        if (block := self._marked()) is not None:
            self._swipe(block, step)

    @on(Transcript.Swiped)
    def _swiped(self, event: Transcript.Swiped) -> None:
        self._swipe(self._tellings.block(event.key), event.step)

    def aside(self, aside: Aside) -> None:
        """Carry out a typed command about the `back`-th last telling, and mark that."""
        told = [block for block in self._tellings.blocks if block.told is not None]
        if not 1 <= aside.back <= len(told):
            self.notify(f"There is no telling that far back ({len(told)} so far).")
            return
        block = told[-aside.back]
        self._tellings.set_current(block.key)
        if aside.kind == "swipe":
            self._swipe(block, aside.step)
        else:
            self._send(block, aside)

    def _ask(self, kind: AsideKind) -> None:
        from game.front.asides import Aside  # with it comes the engine, which starts later

        if (block := self._marked()) is not None:
            self._send(block, Aside(kind))

    def _swipe(self, block: Block, step: int) -> None:
        from game.front.asides import Aside

        at = block.take + step
        if at < 1:
            self.notify("This is the first telling.")
        elif at > block.takes:
            self._send(block, Aside("retry"))
        else:
            self._send(block, Aside("swipe", step=step))

    def _marked(self) -> Block | None:
        block = self._tellings.current
        if block is None or block.told is None:
            self.notify("Mark a telling first: ctrl+↑ and ctrl+↓.")
            return None
        return block

    def _send(self, block: Block, aside: Aside) -> None:
        """Hand it to the bridge; a telling that is being made anew shows that it is."""
        if block.told is None or block.growing:
            return
        if aside.kind == "edit" and not aside.text:
            from game.front.asides import Aside

            # What can be edited is known where the tellings are kept: `why` brings it.
            aside = Aside("why", text="edit")
        elif aside.kind == "retry":
            block.growing = True
            self._tellings.changed(block.key)
        self.bridge.ask(block.key, block.told, aside)

    # -- what comes of it ---------------------------------------------------------------------

    @on(messages.Answered)
    def _answered(self, event: messages.Answered) -> None:
        answer, block = event.answer, self._tellings.block(event.key)
        if answer.aside.kind == "context" and answer.context is not None:
            self.app.push_screen(ContextScreen(answer.context))
        elif answer.aside.kind == "why" and answer.aside.text == "edit":
            self._edit(block, answer.data["sampled"], answer.data["edit"])
        elif answer.aside.kind == "why":
            self.app.push_screen(WhyScreen(answer.data), lambda then: self._then(block, then))
        else:
            finish(block, answer.says)
            block.value, block.tags = answer.vote
            self._tellings.changed(block.key)

    def _then(self, block: Block, then: str | None) -> None:
        """Another view of the same telling was asked for from the why page."""
        from game.front.asides import Aside

        if then == "context":
            self._send(block, Aside("context"))
        elif then == "edit":
            self._send(block, Aside("edit"))

    def _edit(self, block: Block, sampled: str, edit: str | None) -> None:
        from game.front.asides import Aside

        if not sampled:
            self.notify("This was told plainly: its words are the facts and stay.")
            return

        def keep(text: str | None) -> None:
            if text is not None:
                self._send(block, Aside("edit", text=text))

        self.app.push_screen(EditScreen(sampled if edit is None else edit, sampled), keep)

    @on(messages.AsideRefused)
    def _refused(self, event: messages.AsideRefused) -> None:
        block = self._tellings.block(event.key)
        block.growing = False
        self._tellings.changed(block.key)
        self.notify(event.reason, markup=False)


def finish(block: Block, says: Says) -> None:
    """Make the block show a whole telling."""
    block.growing = False
    block.kind = says.kind
    block.text = says.text
    block.facts = says.facts if says.source == "model" else ""
    block.target = says.target
    block.told = says.told
    block.take, block.takes, block.edited = says.take, says.takes, says.edited
