"""Sums of the books in oi_console, so that a page reads what it shows and not the whole book."""
