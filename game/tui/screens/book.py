"""What the screens that show the player's knowledge have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

if TYPE_CHECKING:
    from game.front.book import Book


class BookScreen(Screen[None]):
    """Shows some of a Book, and the next one as soon as there is one."""

    def show(self, book: Book) -> None:
        """Show what is known now."""
        raise NotImplementedError

    def action_leave(self) -> None:
        self.dismiss()
