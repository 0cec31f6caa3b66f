"""Words of insureds' names for the look-up, as the sweep would take them up."""

from __future__ import annotations

from openinsure.demo.book import Book
from openinsure.pages.find_words import words_of


def tokens(book: Book) -> None:
    """A row for each word of each insured now in the basket."""
    for row in book.basket.tables.get("insureds", ()):
        book.newest = max(book.newest or row["updated_at"], row["updated_at"])
        for word in words_of(f"{row['legal_name']} {row.get('dba_name') or ''}"):
            book.basket.add("search_tokens", token=word, created_at=row["created_at"], id=row["id"])


def mark(book: Book) -> None:
    """How far the words are taken up: the sweep goes on from there."""
    if book.newest:
        book.basket.add("search_marks", source="insureds", updated_at=book.newest)
