"""What a responder may send."""

from __future__ import annotations

from django import forms

MAX_REPLY = 4000


class ReplyForm(forms.Form):
    """A reply to the visitor: some text, and not too long for every channel's page."""

    text = forms.CharField(
        max_length=MAX_REPLY,
        error_messages={
            "required": "There is nothing to send: the reply is empty.",
            "max_length": "Not sent: the reply has %(show_value)d characters, %(limit_value)d is the most.",
        },
    )

    @classmethod
    def of(cls, text: str) -> ReplyForm:
        """Return the form for a text as a browser sends it, where a line break is two characters."""
        return cls({"text": text.replace("\r\n", "\n")})

    @property
    def problem(self) -> str:
        """What keeps the reply from being sent, or an empty string."""
        return "" if self.is_valid() else " ".join(str(error) for error in self.errors["text"])
