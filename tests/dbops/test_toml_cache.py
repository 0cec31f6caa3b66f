"""TOML kept between runs: the same values, never those of another text, never in the way."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from dbops import toml_cache
from dbops.inventory import SHIPPED


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder; what this process remembers of others is forgotten."""
    monkeypatch.setenv("OPENINSURE_STATE_DIR", str(tmp_path))
    toml_cache._kept.cache_clear()
    return tmp_path


def anew(text: str) -> dict[str, object]:
    """What the next process makes of the text."""
    toml_cache._kept.cache_clear()
    return toml_cache.loads(text)


def test_it_gives_what_the_parser_gives(state: Path) -> None:
    text = SHIPPED.read_text()
    assert toml_cache.loads(text) == anew(text) == tomllib.loads(text)
    (copy,) = (state / "cache").iterdir()
    assert copy.stat().st_mode & 0o077 == 0


def test_it_reads_a_kept_text_without_the_parser(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml_cache.loads("a = 1")
    monkeypatch.setattr(tomllib, "loads", None)
    assert anew("a = 1") == {"a": 1}


def test_it_never_misses_an_edit(state: Path) -> None:
    assert toml_cache.loads("a = 1") == {"a": 1}
    assert anew("a = 2") == {"a": 2}
    assert anew("a = 1") == {"a": 1}


def test_it_keeps_no_more_than_it_may(state: Path) -> None:
    for number in range(toml_cache.MOST * 2 + 1):
        assert anew(f"a = {number}") == {"a": number}
    assert len(toml_cache._kept(toml_cache._file())) <= toml_cache.MOST


def test_it_refuses_what_is_no_toml_each_time(state: Path) -> None:
    for _ in range(2):
        with pytest.raises(tomllib.TOMLDecodeError):
            anew("a = ")


@pytest.mark.parametrize("content", [b"", b"\xff\x00 no marshal", b"N", b"[\x00\x00\x00\x00"])
def test_it_parses_where_the_copy_is_broken(state: Path, content: bytes) -> None:
    toml_cache.loads("a = 1")
    (copy,) = (state / "cache").iterdir()
    copy.write_bytes(content)
    assert anew("a = 1") == {"a": 1}


def test_it_parses_where_nothing_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENINSURE_STATE_DIR", str(tmp_path / "absent"))
    assert anew("a = 1979-05-27") == tomllib.loads("a = 1979-05-27")
    assert not (tmp_path / "absent").exists()
    (tmp_path / "cache").write_text("a file, not a folder")
    monkeypatch.setenv("OPENINSURE_STATE_DIR", str(tmp_path))
    assert anew("a = 1") == {"a": 1}


def test_it_parses_a_date_each_time(state: Path) -> None:
    assert anew("a = 1979-05-27") == anew("a = 1979-05-27")
    assert not (state / "cache").exists()
