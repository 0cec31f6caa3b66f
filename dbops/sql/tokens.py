"""SQL text cut into tokens: strings, quoted names, words, numbers, signs. Comments fall away."""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|\#[^\n]*|/\*.*?\*/)"
    r"|(?P<string>'(?:[^'\\]|''|\\.)*')"
    r"|(?P<dollar>\$(?P<mark>\w*)\$.*?\$(?P=mark)\$)"
    r"|(?P<tick>`(?:[^`]|``)*`)"
    r'|(?P<double>"(?:[^"]|"")*")'
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)"
    r"|(?P<sign>[^\s])",
    re.S,
)
NAME, WORD, STRING, NUMBER, SIGN = "name", "word", "string", "number", "sign"
KINDS = {"tick": NAME, "word": WORD, "string": STRING, "dollar": STRING, "number": NUMBER}


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is unquoted for names. `start` and `end` are offsets into the source."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """The word in capitals; empty for anything that is no bare word."""
        return self.text.upper() if self.kind == WORD else ""


def tokens(text: str, dialect: str) -> list[Token]:
    """All tokens in order. Double quotes are a string in MySQL, a name elsewhere."""
    double = STRING if dialect == "mysql" else NAME
    found = []
    for match in TOKEN.finditer(text):
        group = match.lastgroup or ""
        if group == "comment" and not (match[0].startswith("#") and dialect != "mysql"):
            continue
        group = "dollar" if group == "mark" else group
        kind = double if group == "double" else KINDS.get(group, SIGN)
        raw = match[0]
        if kind == NAME:
            raw = raw[1:-1].replace(raw[0] * 2, raw[0])
        found.append(Token(kind, raw, match.start(), match.end()))
    return found


class Cursor:
    """A place in a list of tokens, with the few questions that a grammar asks."""

    def __init__(self, found: list[Token], source: str) -> None:
        self.tokens, self.source, self.at = found, source, 0

    @property
    def left(self) -> bool:
        """True while tokens remain."""
        return self.at < len(self.tokens)

    def peek(self, ahead: int = 0) -> str:
        """The next token as a capital word, or its sign; "" for anything else or the end."""
        if self.at + ahead >= len(self.tokens):
            return ""
        token = self.tokens[self.at + ahead]
        return token.text if token.kind == SIGN else token.upper

    def take(self, *words: str) -> bool:
        """Step over these words if they all come next."""
        if all(self.peek(n) == word for n, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def any_of(self, *words: str) -> str:
        """Step over one of these words; which one, or ""."""
        word = self.peek()
        if word and word in words:
            self.at += 1
            return word
        return ""

    def name(self) -> str | None:
        """A plain or quoted name; None when something else comes."""
        if self.left and self.tokens[self.at].kind in (NAME, WORD):
            self.at += 1
            return self.tokens[self.at - 1].text
        return None

    def qualified(self) -> tuple[str, str] | None:
        """(schema or "", name); None when no name comes."""
        first = self.name()
        if first is None:
            return None
        if self.take("."):
            second = self.name()
            return None if second is None else (first, second)
        return "", first

    def group(self) -> Cursor | None:
        """The tokens inside the parentheses that come next, as their own cursor."""
        if self.peek() != "(":
            return None
        depth, start = 0, self.at + 1
        while self.left:
            sign = self.peek()
            self.at += 1
            depth += 1 if sign == "(" else -1 if sign == ")" else 0
            if depth == 0:
                return Cursor(self.tokens[start : self.at - 1], self.source)
        return None

    def parts(self) -> list[Cursor]:
        """The rest, split at top-level commas."""
        found: list[Cursor] = []
        held: list[Token] = []
        depth = 0
        for token in self.tokens[self.at :]:
            sign = token.text if token.kind == SIGN else ""
            depth += 1 if sign == "(" else -1 if sign == ")" else 0
            if sign == "," and depth == 0:
                found.append(Cursor(held, self.source))
                held = []
            else:
                held.append(token)
        self.at = len(self.tokens)
        return [*found, Cursor(held, self.source)]

    @property
    def whole(self) -> str:
        """The source of all its tokens."""
        return self.text(0, len(self.tokens))

    def text(self, start: int, end: int | None = None) -> str:
        """The source of tokens start..end, as written."""
        taken = self.tokens[start : self.at if end is None else end]
        return self.source[taken[0].start : taken[-1].end] if taken else ""
