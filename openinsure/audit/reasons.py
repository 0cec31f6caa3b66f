"""What a stated reason must be: the one rule of everything that is kept with its why."""

from __future__ import annotations

from openinsure.problems import BadForm

LENGTH_MIN, LENGTH_MAX = 10, 255  # characters; the columns hold 255
SPAN = f"{LENGTH_MIN} to {LENGTH_MAX} characters"
RULE = f"must have {SPAN}"


def stated(text: str, field: str = "reason") -> str:
    """The reason without blanks at its ends. Raises BadForm naming the field and the rule."""
    said = text.strip()
    if not LENGTH_MIN <= len(said) <= LENGTH_MAX:
        raise BadForm({field: RULE})
    return said


def broken(text: str, field: str = "reason") -> dict[str, str]:
    """The same as the errors of a form that collects them: {} when the rule holds."""
    try:
        stated(text, field)
    except BadForm as refusal:
        return dict(refusal.errors)
    return {}
