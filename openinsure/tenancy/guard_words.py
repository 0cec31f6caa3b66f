"""Lock 2, vocabulary: the syntax a guarded statement may use. Anything else is refused.

An allow-list of the parser's node classes: what nobody looked at does not pass. Each class maps
to the arguments that may be set; `ANY` where every argument is an expression judged by itself.
"""

from __future__ import annotations

from sqlglot import exp

from openinsure.tenancy.scope import TenantLeak

ANY: frozenset[str] = frozenset()

# Clauses, sources and lists: exactly these arguments.
STRUCTURE: dict[str, frozenset[str]] = {
    name: frozenset(keys.split())
    for name, keys in {
        "Select": "expressions from_ joins where group having order limit offset distinct with_"
        " windows locks",
        "Union": "this expression distinct order limit offset with_",
        "Intersect": "this expression distinct order limit offset with_",
        "Except": "this expression distinct order limit offset with_",
        "Subquery": "this alias order limit offset",
        "With": "expressions",
        "CTE": "this alias",
        "TableAlias": "this",
        "Table": "this alias hints",
        "IndexTableHint": "this expressions target",
        "From": "this",
        "Join": "this on side kind",
        "Insert": "this expression conflict returning ignore",
        "Schema": "this expressions",
        "Values": "expressions",
        "OnConflict": "duplicate expressions action",
        "Update": "this expressions where order limit",
        "Delete": "this where order limit returning",
        "Returning": "expressions",
        "Lock": "update wait expressions",
        "Column": "this table",
        "Identifier": "this quoted",
        "Distinct": "expressions",
        "Interval": "this unit",
        "Limit": "expression",
        "Offset": "expression",
    }.items()
}

# Operators and values: their arguments are expressions, walked like everything else.
EXPRESSIONS = frozenset(
    """
    Where Group Having Order Ordered Rollup Window WindowSpec Alias Star Placeholder Literal Null
    Boolean Var Paren Tuple And Or Not EQ NEQ GT GTE LT LTE NullSafeEQ Is In Between Like Exists
    Any All Add Sub Mul Div IntDiv Mod Neg BitwiseAnd Case If Cast DataType DataTypeParam Collate
    JSONPath JSONPathKey JSONPathRoot JSONPathSubscript JSONKeyValue
    """.split()  # noqa: SIM905 (one word a line would be 120 lines)
)

# Functions the parser knows by name.
FUNCTIONS = frozenset(
    """
    Abs AnyValue Ascii Avg Ceil Coalesce Concat ConcatWs ConvertTimezone Count CurrentDate
    CurrentTimestamp Date DateAdd DateDiff DateSub Day DayOfMonth DayOfWeek DayOfYear DenseRank
    Extract FirstValue Floor Greatest GroupConcat Hex JSONExtract JSONExtractScalar JSONObject
    JSONSet Lag LastDay LastValue Lead Least Left Length Lower LowerHex Max MD5 Min Month Ntile
    Nullif Pad Pow Quarter Rank RegexpLike RegexpReplace Repeat Replace Reverse Right Round
    RowNumber SHA SHA2 Sign Sqrt Stddev StddevPop StddevSamp StrPosition StrToDate Substring
    SubstringIndex Sum Time TimestampAdd TimestampDiff TimeToStr Trim Trunc TsOrDsToDate
    TsOrDsToTimestamp Upper UtcTimestamp Variance VariancePop Week WeekOfYear Year
    """.split()  # noqa: SIM905 (one word a line would be 120 lines)
)

# Functions the parser only quotes. No stored function: the guard cannot see what it returns.
ANONYMOUS = frozenset(
    """
    CRC32 HOUR JSON_ARRAY JSON_ARRAYAGG JSON_CONTAINS JSON_LENGTH JSON_UNQUOTE JSON_VALID JSON_VALUE
    MICROSECOND MINUTE NOW SECOND STRCMP TIMESTAMP UNIX_TIMESTAMP VALUES WEEKDAY
    """.split()  # noqa: SIM905 (one word a line would be 120 lines)
)

JOINS = frozenset({("", ""), ("", "INNER"), ("", "CROSS"), ("LEFT", ""), ("LEFT", "OUTER")})


def refuse_unknown(tree: exp.Expr) -> None:
    """Raises TenantLeak naming the first construct that is not in the vocabulary."""
    for node in tree.walk():
        name = type(node).__name__
        allowed = STRUCTURE.get(name)
        if allowed is not None:
            _refuse_arguments(node, name, allowed)
        elif name == "Anonymous":
            if node.name.upper() not in ANONYMOUS:
                raise TenantLeak(f"the function {node.name.upper()} is not on the allow-list")
        elif name not in EXPRESSIONS and name not in FUNCTIONS:
            raise TenantLeak(f"syntax: {name} is not on the allow-list")


def _refuse_arguments(node: exp.Expr, name: str, allowed: frozenset[str]) -> None:
    extra = [key for key, value in node.args.items() if value and key not in allowed]
    if extra:
        raise TenantLeak(f"syntax: {name} with {', '.join(sorted(extra))} is refused")
    if name == "Join":
        form = (str(node.args.get("side") or ""), str(node.args.get("kind") or ""))
        if form not in JOINS:
            raise TenantLeak(f"syntax: {' '.join(form).strip()} JOIN is refused")
    if name == "Identifier" and not node.name:
        raise TenantLeak("syntax: an empty name is refused")
