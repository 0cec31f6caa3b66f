"""Pages as a browser understands them: their forms with names and values, and what could run."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VALUELESS = {"hidden", "submit", "button", "image", "reset", "file", "password"}
CHOICES = {"radio", "checkbox", "date", "number", "month", "time"}  # the last keep no free text
ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "xlink:href")


@dataclass(slots=True)
class Form:
    """One form: where it goes and what it sends.

    `typed`: fields that keep any text; `chosen`: those that hold one of their own values.
    """

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """Forms, links and dangers of one page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.dangers: list[str] = []
        self._area: str | None = None
        self._select: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects; `dangers` gets whatever a page of ours never holds."""
        given = {name: value or "" for name, value in attrs}
        self._judge(tag, given)
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            method = given.get("method", "get").lower()
            self.forms.append(Form(given.get("action", ""), method))
        elif self.forms:
            self._field(tag, given)

    def handle_endtag(self, tag: str) -> None:
        """Ends a text area or a select."""
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        """Text in a text area is its value."""
        if self._area is not None:
            self.forms[-1].values[self._area] += data

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form, name = self.forms[-1], given.get("name", "")
        if tag == "option" and self._select is not None:
            if "selected" in given or not form.values[self._select]:
                form.values[self._select] = given.get("value", "")
        elif tag not in ("input", "textarea", "select") or not name:
            return
        elif tag == "textarea":
            self._area, form.values[name] = name, ""
            form.typed.append(name)
        elif tag == "select":
            self._select, form.values[name] = name, ""
            form.chosen.append(name)
        else:
            self._input(form, name, given)

    def _input(self, form: Form, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("radio", "checkbox") and "checked" not in given:
            form.values.setdefault(name, "")
        else:
            form.values[name] = given.get("value", "")
        held = form.chosen if kind in CHOICES else form.typed
        if kind not in VALUELESS and "readonly" not in given and name not in held:
            held.append(name)

    def _judge(self, tag: str, given: dict[str, str]) -> None:
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.dangers.append("an inline script")
        self.dangers += [f"{tag} {name}" for name in given if name.startswith("on")]
        for name in ADDRESSES:
            address = given.get(name, "").strip().lower()
            if address.startswith(("javascript:", "data:text/html", "vbscript:", "//")):
                self.dangers.append(f"{tag} {name}={address[:40]}")
        if tag in ("iframe", "object", "embed", "base"):
            self.dangers.append(tag)
