"""What a responder may send, note, and say at the end of a case."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from typing_extensions import Self

from helpline.conversations.cases import Ending
from helpline.conversations.models import Case

MAX_REPLY = 4000
_MAX_TAGS = 8
_MAX_TAG = 32
F = TypeVar("F", bound="_TextForm")


class _TextForm(forms.Form):
    @classmethod
    def of(cls, text: str) -> Self:
        """Return the form for a text as a browser sends it, where a line break is two characters."""
        return cls({"text": text.replace("\r\n", "\n")})

    @property
    def problem(self) -> str:
        """What keeps the text from being taken, or an empty string."""
        return "" if self.is_valid() else _problems(self)


class ReplyForm(_TextForm):
    """A reply to the visitor: some text, and not too long for every channel's page."""

    text = forms.CharField(
        max_length=MAX_REPLY,
        error_messages={
            "required": "There is nothing to send: the reply is empty.",
            "max_length": "Not sent: the reply has %(show_value)d characters, %(limit_value)d is the most.",
        },
    )


class NoteForm(_TextForm):
    """A private note."""

    text = forms.CharField(
        max_length=MAX_REPLY,
        error_messages={
            "required": "There is nothing to note: the note is empty.",
            "max_length": "Not noted: the note has %(show_value)d characters, %(limit_value)d is the most.",
        },
    )


class EndingForm(forms.Form):
    """How a case ended: an outcome where it is resolved, a summary and tags for whoever reads it later."""

    outcome = forms.ChoiceField(
        choices=Case.Outcome.choices,
        error_messages={"required": "Not resolved: choose how it ended for the visitor."},
    )
    summary = forms.CharField(max_length=2000, required=False)
    tags = forms.CharField(max_length=_MAX_TAGS * (_MAX_TAG + 2), required=False)

    def __init__(self, data: Any, *, resolves: bool) -> None:
        super().__init__(data)
        self.fields["outcome"].required = resolves

    def clean_tags(self) -> tuple[str, ...]:
        """Return the tags: lower case, each once.

        Raises:
            ValidationError: there are too many, or one is too long.
        """
        tags = dict.fromkeys(tag.strip().lower() for tag in self.cleaned_data["tags"].split(",") if tag.strip())
        if len(tags) > _MAX_TAGS or any(len(tag) > _MAX_TAG for tag in tags):
            raise forms.ValidationError(f"At most {_MAX_TAGS} tags, of at most {_MAX_TAG} characters each.")
        return tuple(tags)

    @property
    def problem(self) -> str:
        """What keeps the case from being ended so, or an empty string."""
        return "" if self.is_valid() else _problems(self)

    @property
    def ending(self) -> Ending:
        """The same for the case."""
        data = self.cleaned_data
        return Ending(data["outcome"], data["summary"], data["tags"])


def _problems(form: forms.Form) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)
