"""What a supervisor may ask for in review, and how a message may be judged."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info

from helpline.console import words
from helpline.conversations import reviewing, verdicts
from helpline.conversations.models import Case, Conversation, FlagReview, Message
from helpline.risk.levels import Level
from helpline.risk.signals import signals

DAYS = 30
Verdict = FlagReview.Verdict
_ANY = [("", "any")]
_DANGER = [(str(level.value), level.label) for level in reversed(Level) if level]


def families() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return (family, [(signal, its words)]) of the catalogue, as a choice."""
    catalogue = sorted(signals().values(), key=lambda signal: signal.group)
    return [
        (group.replace("_", " "), [(signal.name, words.signal(signal.name)) for signal in of_group])
        for group, of_group in groupby(catalogue, key=lambda signal: signal.group)
    ]


def signal_options() -> SafeString:
    """Return the signals as the options of a choice: a page has one for each flag, and a widget takes its time."""
    groups = ((name, format_html_join("", '<option value="{}">{}</option>', choices)) for name, choices in families())
    return format_html_join("", '<optgroup label="{}">{}</optgroup>', groups)


def _day(label: str) -> forms.DateField:
    # Neither the first day of the calendar nor the last one has a midnight everywhere.
    bounds = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))]
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(required=False, label=label, widget=widget, validators=bounds)


class SpanForm(forms.Form):
    """A span of days, both of them included; what is left out is taken for the last thirty."""

    since = _day("From")
    until = _day("To")

    def __init__(self, asked: QueryDict, **options: Any) -> None:
        data = asked.copy()
        data.setdefault("since", (timezone.localdate() - timedelta(days=DAYS)).isoformat())
        super().__init__(data, label_suffix="", **options)

    def clean(self) -> dict[str, Any]:
        """Turn the days into moments: from the beginning of the first to the end of the last."""
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("since"), found.get("until")
        if first and last and first > last:
            self.add_error("until", "The last day lies before the first one.")
        return {**found, "since": first and _midnight(first), "until": last and _midnight(last + timedelta(days=1))}


class FilterForm(SpanForm):
    """Which conversations are listed."""

    level = forms.ChoiceField(choices=[*_ANY, *_DANGER], required=False, label="Level, at least")
    signal = forms.ChoiceField(required=False)
    state = forms.ChoiceField(
        choices=[
            ("", "any"),
            (reviewing.OPEN, "open case"),
            (reviewing.ENDED, "ended case"),
            (reviewing.NO_CASE, "no case"),
        ],
        required=False,
    )
    outcome = forms.ChoiceField(
        choices=[*_ANY, *Case.Outcome.choices, (reviewing.NOT_NOTED, "Not noted")], required=False
    )
    judged = forms.ChoiceField(
        choices=[("", "any"), (reviewing.TO_JUDGE, "something to judge"), (reviewing.JUDGED, "judged")],
        required=False,
        label="Flags",
    )
    channel = forms.ChoiceField(choices=[*_ANY, *words.CHANNELS.items()], required=False)
    language = forms.ChoiceField(required=False)
    text = forms.CharField(
        required=False, max_length=100, label="Words in a message", widget=forms.TextInput({"type": "search"})
    )

    def __init__(self, asked: QueryDict) -> None:
        super().__init__(asked)
        self.fields["signal"].choices = [*_ANY, *families()]  # type: ignore[attr-defined]
        known = Conversation.objects.exclude(language="").order_by("language").values_list("language", flat=True)
        self.fields["language"].choices = [*_ANY, *((code, language(code)) for code in known.distinct())]  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        """Refuse words that could not be opened: without them more would be listed than was asked for."""
        if self.data.get("unreadable"):
            raise forms.ValidationError("These words cannot be read any more. Type them again.")
        return str(self.cleaned_data["text"])


class VerdictForm(forms.Form):
    """A verdict on a message. Whether another level is too high or too low follows from the one that was given."""

    OTHER, TAKE_BACK = "other", "take_back"

    verdict = forms.ChoiceField(
        choices=[(name, name) for name in (Verdict.RIGHT, Verdict.FALSE_ALARM, OTHER, TAKE_BACK)],
        error_messages={"required": "Say whether it was right.", "invalid_choice": "There is no such verdict."},
    )
    level = forms.TypedChoiceField(choices=_DANGER, coerce=int, empty_value=None, required=False)
    signal = forms.ChoiceField(required=False)

    def __init__(self, data: QueryDict, message: Message) -> None:
        super().__init__(data)
        self._message = message
        self.fields["signal"].choices = [("", ""), *families()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Make of it the verdict, the level and the signal that are kept."""
        found: dict[str, Any] = super().clean() or {}
        verdict, was = found.get("verdict"), self._message.level
        if verdict in (Verdict.RIGHT, Verdict.FALSE_ALARM):
            if not was:
                raise forms.ValidationError("This message was not flagged.")
            right = verdict == Verdict.RIGHT
            signal = verdicts.signal_found(self._message) if right else ""
            return {"verdict": Verdict(verdict), "level": was if right else Level.NONE.value, "signal": signal}
        if verdict == self.OTHER:
            if not found.get("level") or not found.get("signal"):
                raise forms.ValidationError("Choose the level that it should have had, and the signal.")
            return {**found, "verdict": _compared(was, found["level"])}
        return found

    @property
    def problem(self) -> str:
        """What keeps the verdict from being noted, or an empty string."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


def language(code: str) -> str:
    """Return a language's name; its code where Django has no name for it."""
    try:
        return str(get_language_info(code)["name"])
    except KeyError:
        return code


def _compared(was: int, should_be: int) -> Verdict:
    if not was:
        return Verdict.MISSED
    if should_be == was:
        return Verdict.RIGHT
    return Verdict.TOO_HIGH if should_be < was else Verdict.TOO_LOW


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
