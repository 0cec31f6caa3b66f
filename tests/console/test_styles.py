"""The stylesheets: contrast of every pair of tokens, size, and what a strict policy asks."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from openinsure.console.staticfiles import shrink

STATIC = Path(__file__).resolve().parents[2] / "static"
BLOCKING = ("console.css", "components.css")
RAW_BYTES, COMPRESSED_BYTES = 20 * 1024, 6 * 1024
SCRIPT_BYTES, SCRIPT_COMPRESSED_BYTES = 24 * 1024, 9 * 1024
TEXT, BORDER = 4.5, 3.0

GROUNDS = ("bg", "surface", "surface-2")
PAIRS: list[tuple[str, str, float]] = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3", "accent") for ground in GROUNDS),
    ("on-accent", "accent", TEXT),
    ("accent", "accent-soft", TEXT),
    ("ink", "accent-soft", TEXT),
    ("ink", "ok-soft", TEXT),
    ("ink", "bad-soft", TEXT),
    ("bg", "ink", TEXT),
    *((tone, f"{tone}-soft", TEXT) for tone in ("ok", "warn", "bad", "info")),
    *((tone, ground, TEXT) for tone in ("ok", "warn", "bad", "info") for ground in GROUNDS[:2]),
    ("ink-2", "neutral-soft", TEXT),
    *(("line-strong", ground, BORDER) for ground in GROUNDS[:2]),
    *(("accent", ground, BORDER) for ground in GROUNDS),
]


def sheet(name: str) -> str:
    """The text of a stylesheet."""
    return (STATIC / "css" / name).read_text()


def tokens(theme: int) -> dict[str, str]:
    """Name -> six hexadecimal digits; theme 0 is light, 1 dark."""
    found = {}
    for name, *values in re.findall(
        r"--([\w-]+):\s*light-dark\((#\w+),\s*(#\w+)\)", sheet("console.css")
    ):
        digits = values[theme].removeprefix("#")
        found[name] = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    return found


def luminance(digits: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_it_keeps_contrast(front: str, ground: str, least: float, theme: int) -> None:
    known = tokens(theme)
    assert contrast(known[front], known[ground]) >= least


def test_it_measures_contrast_as_wcag_does() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)
    assert contrast("767676", "ffffff") == pytest.approx(4.54, abs=0.01)


def test_it_keeps_the_blocking_styles_small() -> None:
    served = "".join(shrink(sheet(name)) for name in BLOCKING).encode()
    assert len(served) <= RAW_BYTES
    assert len(gzip.compress(served)) <= COMPRESSED_BYTES


def loaded_first(module: str = "console.js") -> set[str]:
    """The modules that come with every page: the entry point and what it imports by name."""
    text = (STATIC / "js" / module).read_text()
    found = {module}
    for name in re.findall(r'^import (?:[^;]*? from )?"\./([\w-]+\.js)"', text, re.MULTILINE):
        found |= loaded_first(name)
    return found


def test_it_keeps_the_modules_of_every_page_small() -> None:
    first = loaded_first()
    assert "keyboard.js" in first
    assert "palette.js" not in first  # comes when it is opened
    served = b"".join((STATIC / "js" / name).read_bytes() for name in sorted(first))
    assert len(served) <= SCRIPT_BYTES
    assert len(gzip.compress(served)) <= SCRIPT_COMPRESSED_BYTES


def test_it_shrinks_without_changing_rules() -> None:
    css = '/* note */\n.a > .b:hover,\n[data-x="y"] { color: red; margin: 0 calc(1px + 2px); }\n'
    assert shrink(css) == ".a>.b:hover,[data-x=y]{color:red;margin:0 calc(1px + 2px)}"
    assert shrink(shrink(css)) == shrink(css)


def test_it_names_colours_only_as_tokens() -> None:
    bare = re.findall(r"#[0-9a-fA-F]{3,8}\b(?![\w-]* \{)", sheet("components.css"))
    assert [value for value in bare if value != "#toasts"] == []


@pytest.mark.parametrize("feature", ["prefers-contrast", "prefers-reduced-motion", "forced-colors"])
def test_it_answers_the_readers_settings(feature: str) -> None:
    assert f"({feature}:" in sheet("settings.css")
    base = (STATIC.parent / "templates" / "base.html").read_text()
    assert f"({feature}:" in base  # the link's media: it blocks nobody else


def test_it_uses_only_tokens_that_exist() -> None:
    text = "".join(sheet(name) for name in BLOCKING)
    used = set(re.findall(r"var\(--([\w-]+)", text))
    defined = set(re.findall(r"--([\w-]+):", text))
    assert used <= defined


def test_it_evaluates_nothing_in_the_browser() -> None:
    for path in (STATIC / "js").glob("*.js"):
        text = path.read_text()
        assert not re.search(r"\beval\(|new Function|innerHTML\s*=|insertAdjacentHTML", text), path


def test_it_maps_every_icon_to_its_source() -> None:
    symbols = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons/sprite.svg").read_text()))
    listed = set(re.findall(r"^\| `([\w-]+)` \|", (STATIC / "icons/README.md").read_text(), re.M))
    assert symbols == listed | {"mark"}
