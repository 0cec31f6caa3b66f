"""Each normalisation rule: spellings of one meaning give one text, other meanings do not."""

from __future__ import annotations

import pytest

from dbops.catalog import normalise


@pytest.mark.parametrize(
    ("spelled", "kind"),
    [("int(11)", "int"), ("bigint(20) unsigned", "bigint unsigned"), ("tinyint(1)", "tinyint(1)"),
     ("tinyint(4)", "tinyint"), ("INTEGER", "int"), ("decimal(9, 6)", "decimal(9,6)"),
     ("varchar(40)", "varchar(40)"), ("enum('A','b')", "enum('A','b')")],
)  # fmt: skip
def test_it_drops_integer_widths(spelled: str, kind: str) -> None:
    assert normalise.integer_width(spelled) == kind


@pytest.mark.parametrize(
    ("spelled", "moment"),
    [("current_timestamp()", "current_timestamp"), ("CURRENT_TIMESTAMP", "current_timestamp"),
     ("now()", "current_timestamp"), ("(now())", "current_timestamp"),
     ("current_timestamp(3)", "current_timestamp(3)"), ("(now(3))", "current_timestamp(3)"),
     ("'now'", None), ("curdate()", None)],
)  # fmt: skip
def test_it_knows_one_form_of_now(spelled: str, moment: str | None) -> None:
    assert normalise.current_time(spelled) == moment


@pytest.mark.parametrize(
    ("mariadb", "mysql8", "kind", "meaning"),
    [("'draft'", "draft", "varchar(32)", "'draft'"), ("0", "0", "int", "0"),
     ("0.000000", "0.000000", "decimal(9,6)", "0"), ("'0'", "0", "int", "0"),
     ("''", "", "varchar(8)", "''"), ("'it''s'", "it's", "varchar(8)", "'it''s'"),
     ("1.50", "1.50", "decimal(9,2)", "1.5"), ("'NULL'", "NULL", "varchar(8)", "'NULL'")],
)  # fmt: skip
def test_it_reads_defaults_of_both_servers(
    mariadb: str, mysql8: str, kind: str, meaning: str
) -> None:
    for raw in (mariadb, mysql8):
        assert normalise.default_value(raw, kind, generated=False, nullable=False) == meaning


def test_it_tells_no_default_from_the_word_null() -> None:
    assert normalise.default_value("NULL", "int", generated=False, nullable=True) is None
    assert normalise.default_value(None, "int", generated=False, nullable=False) is None
    spelled = normalise.default_value("'NULL'", "varchar(9)", generated=False, nullable=True)
    assert spelled == "'NULL'"


def test_it_splits_on_update_from_extra() -> None:
    extra = "DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)"
    assert normalise.on_update(extra) == "current_timestamp(3)"
    assert normalise.on_update("on update current_timestamp()") == "current_timestamp"
    assert normalise.on_update("auto_increment") == ""


def test_it_reads_expressions_without_dress() -> None:
    assert normalise.expression("(`a` + `b`)") == normalise.expression("a+b")
    assert normalise.expression("concat(`a`,_utf8mb4'x')") == "concat(a,'x')"
    assert normalise.expression("(a) or (b)") == "(a)or(b)"


def test_it_knows_utf8_as_utf8mb3() -> None:
    assert normalise.utf8_name("utf8_general_ci") == "utf8mb3_general_ci"
    assert normalise.utf8_name("utf8mb4_bin") == "utf8mb4_bin"


def test_it_knows_json_in_both_dresses() -> None:
    assert normalise.json_check("json_valid(`metadata`)") == "metadata"
    assert normalise.json_check("`a` > 0") is None
    assert normalise.json_column("longtext", "metadata", {"metadata"}) == "json"
    assert normalise.json_column("longtext", "notes", {"metadata"}) == "longtext"


@pytest.mark.parametrize("name", ["__drizzle_migrations", "_oi_hold_1", "_vt_hld", "_cf_KV"])
def test_it_ignores_tables_of_tools(name: str) -> None:
    assert normalise.ignored(name)
    assert not normalise.ignored("policies")
