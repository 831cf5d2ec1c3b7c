"""Verdicts: what a reviewer says of a flag is kept once, can be changed, and can be taken back."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from helpline.console import transcript
from helpline.conversations import erasure, verdicts
from helpline.conversations.models import AuditEvent, FlagReview, Message
from helpline.risk.levels import Level

from .conftest import logged_in
from .reviewed import conversation, says

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def flagged(db: None) -> Message:
    """Return a message that was flagged as high."""
    return says(conversation(), "alone in my room tonight", Level.HIGH, "using_alone")


@pytest.fixture
def plain(db: None) -> Message:
    """Return a message that was not flagged."""
    return says(conversation(), "no point to any of it")


def judge(client: Client, message: Message, **said: str) -> int:
    """Send the form of a message; return the status of the answer."""
    return client.post(f"/review/messages/{message.pk}/verdict", said).status_code


def kept(message: Message) -> tuple[str, int, str]:
    """Return verdict, level and signal that are kept of a message."""
    review = FlagReview.objects.get(message=message)
    return review.verdict, review.level, review.signal


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"verdict": "right"}, ("right", 2, "using_alone")),
        ({"verdict": "false_alarm"}, ("false_alarm", 0, "")),
        ({"verdict": "other", "level": "1", "signal": "recent_lapse"}, ("too_high", 1, "recent_lapse")),
        ({"verdict": "other", "level": "3", "signal": "overdose_now"}, ("too_low", 3, "overdose_now")),
        ({"verdict": "other", "level": "2", "signal": "mixing"}, ("right", 2, "mixing")),
        # The choices stand in the form beside the buttons, and are no part of these two.
        ({"verdict": "right", "level": "1", "signal": "mixing"}, ("right", 2, "using_alone")),
        ({"verdict": "false_alarm", "level": "1", "signal": "mixing"}, ("false_alarm", 0, "")),
    ],
)
def test_a_verdict_on_a_flag_is_kept(
    as_supervisor: Client, supervisor: User, flagged: Message, said: dict[str, str], found: tuple[str, int, str]
) -> None:
    """Whether another level is too high or too low follows from the one that was given."""
    assert judge(as_supervisor, flagged, **said) == 302
    assert kept(flagged) == found
    assert FlagReview.objects.get().reviewer == supervisor


def test_a_message_without_a_flag_is_marked_as_missed(as_supervisor: Client, plain: Message) -> None:
    assert judge(as_supervisor, plain, verdict="other", level="1", signal="hopelessness") == 302
    assert kept(plain) == ("missed", 1, "hopelessness")


def test_another_verdict_replaces_the_first_whoever_gave_it(
    as_supervisor: Client, admin: User, flagged: Message
) -> None:
    """One row, with who was last."""
    judge(as_supervisor, flagged, verdict="right")
    first = FlagReview.objects.get().at
    judge(logged_in(admin), flagged, verdict="false_alarm")
    review = FlagReview.objects.get()
    assert (review.verdict, review.reviewer) == ("false_alarm", admin)
    assert review.at > first
    shown = as_supervisor.get(f"/review/conversations/{flagged.conversation_id}/").content.decode()
    assert "<strong>False alarm</strong>" in shown
    assert "Fourth Admin, <time" in shown


def test_a_verdict_can_be_taken_back(as_supervisor: Client, plain: Message) -> None:
    """A slip of the finger must not be a message missed for ever."""
    judge(as_supervisor, plain, verdict="other", level="1", signal="hopelessness")
    assert judge(as_supervisor, plain, verdict="take_back") == 302
    assert not FlagReview.objects.exists()
    assert judge(as_supervisor, plain, verdict="take_back") == 302


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "Say whether it was right."),
        ({"verdict": "splendid"}, "There is no such verdict."),
        ({"verdict": "missed"}, "There is no such verdict."),
        ({"verdict": "other"}, "Choose the level that it should have had, and the signal."),
        ({"verdict": "other", "level": "1"}, "Choose the level"),
        ({"verdict": "other", "signal": "mixing"}, "Choose the level"),
        ({"verdict": "other", "level": "0", "signal": "mixing"}, "0 is not one of the available choices"),
        ({"verdict": "other", "level": "1", "signal": "bad_mood"}, "bad_mood is not one of the available choices"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_verdict_that_cannot_be_is_told_beside_its_message(
    as_supervisor: Client, flagged: Message, said: dict[str, str], told: str, headers: dict[str, str]
) -> None:
    """In the part that an open page asks for, and in the whole page without a script; nothing is kept."""
    answer = as_supervisor.post(f"/review/messages/{flagged.pk}/verdict", said, headers=headers)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert told in shown
    assert ("<html" in shown) == (not headers)
    assert "<details open" in " ".join(shown.split())
    assert not FlagReview.objects.exists()


@pytest.mark.parametrize("verdict", ["right", "false_alarm"])
def test_what_was_not_flagged_is_neither_right_nor_a_false_alarm(
    as_supervisor: Client, plain: Message, verdict: str
) -> None:
    assert judge(as_supervisor, plain, verdict=verdict) == 422
    assert not FlagReview.objects.exists()


def test_a_miss_that_is_not_told_whole_can_be_put_right_at_once(as_supervisor: Client, plain: Message) -> None:
    """The form is still there, open."""
    address = f"/review/messages/{plain.pk}/verdict"
    shown = as_supervisor.post(address, {"verdict": "other"}, headers=HTMX).content.decode()
    assert "Choose the level" in shown
    assert f'action="{address}"' in shown


def test_only_what_a_visitor_wrote_can_be_judged(as_supervisor: Client) -> None:
    where = conversation()
    ours = says(where, "I am here.", author="responder")
    assert judge(as_supervisor, ours, verdict="other", level="1", signal="hopelessness") == 404
    tapped, typed = says(where, "What is tolerance?", tapped=True), says(where, "hello")
    shown = as_supervisor.get(f"/review/conversations/{where.pk}/").content.decode()
    assert f"/review/messages/{typed.pk}/" in shown
    assert f"/review/messages/{tapped.pk}/" not in shown
    assert judge(as_supervisor, tapped, verdict="other", level="1", signal="hopelessness") == 404


@pytest.mark.parametrize("verdict", ["right", "take_back"])
def test_erased_words_are_not_judged(as_supervisor: Client, flagged: Message, verdict: str) -> None:
    """Not even by a page that was open before."""
    judge(as_supervisor, flagged, verdict="false_alarm")
    assert erasure.ask(flagged.conversation_id)
    assert judge(as_supervisor, flagged, verdict=verdict) == 409
    assert kept(flagged)[0] == "false_alarm"


def test_every_verdict_leaves_a_line_without_a_word_of_the_message(
    as_supervisor: Client, supervisor: User, flagged: Message
) -> None:
    judge(as_supervisor, flagged, verdict="other", level="1", signal="recent_lapse")
    judge(as_supervisor, flagged, verdict="take_back")
    done = AuditEvent.objects.filter(user=supervisor).exclude(action="logged in").order_by("pk")
    lines = done.values_list("action", "detail")
    assert list(lines) == [
        ("judged a message", f"message {flagged.pk}: too high, elevated"),
        ("took back a verdict", f"message {flagged.pk}"),
    ]


def test_a_refused_verdict_that_shows_the_whole_conversation_leaves_a_line_of_that(
    as_supervisor: Client, supervisor: User, flagged: Message
) -> None:
    """Without a script the answer is the page, with everything that was said."""
    refused = as_supervisor.post(f"/review/messages/{flagged.pk}/verdict", {"verdict": "other", "level": ""})
    assert refused.status_code == 422
    assert flagged.text in refused.content.decode()
    lines = AuditEvent.objects.filter(user=supervisor, action="read the conversation")
    assert [line.detail for line in lines] == [f"message {flagged.pk}"]


def test_the_page_comes_back_at_the_message_that_was_judged(
    as_supervisor: Client, flagged: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is an early one, in the whole of the conversation."""
    place = f"/review/conversations/{flagged.conversation_id}/"
    address = f"/review/messages/{flagged.pk}/verdict"
    assert as_supervisor.post(address, {"verdict": "right"})["Location"] == f"{place}#m{flagged.pk}"
    monkeypatch.setattr(transcript, "SHOWN", 1)
    says(flagged.conversation, "one more")
    assert as_supervisor.post(address, {"verdict": "right"})["Location"] == f"{place}?all#m{flagged.pk}"


def test_an_open_page_gets_the_part_of_the_message_and_how_far_the_judging_is(
    as_supervisor: Client, flagged: Message
) -> None:
    """The verdict, the count beside the transcript, and a word for screen readers."""
    says(flagged.conversation, "and again", Level.HIGH)
    answer = as_supervisor.post(f"/review/messages/{flagged.pk}/verdict", {"verdict": "right"}, headers=HTMX)
    shown = " ".join(answer.content.decode().split())
    assert "<html" not in shown
    assert f'<div id="v{flagged.pk}"' in shown
    assert "2 flagged, 1 judged" in shown
    assert 'hx-swap-oob="innerHTML:#saved"> Noted: Right.' in shown


def test_without_a_script_a_message_has_a_page_of_its_own_to_be_marked_as_missed(
    as_supervisor: Client, plain: Message
) -> None:
    """The same address gives an open page only the form."""
    whole = as_supervisor.get(f"/review/messages/{plain.pk}/").content.decode()
    part = as_supervisor.get(f"/review/messages/{plain.pk}/", headers=HTMX).content.decode()
    assert ("<html" in whole, "<html" in part) == (True, False)
    for shown in (whole, part):
        assert f'action="/review/messages/{plain.pk}/verdict"' in shown
        assert '<option value="suicide_plan_now">suicide plan, now</option>' in shown
        assert 'value="right"' not in shown
    assert "no point to any of it" in whole


def test_a_responder_judges_nothing(as_responder: Client, flagged: Message) -> None:
    assert judge(as_responder, flagged, verdict="right") == 403
    assert not FlagReview.objects.exists()


def test_the_gravest_signal_is_the_one_that_is_right(supervisor: User) -> None:
    """Findings come with the gravest first."""
    message = says(conversation(), "x", Level.HIGH, findings=[{"signal": "mixing"}, {"signal": "using_alone"}])
    assert verdicts.signal_found(message) == "mixing"
    assert verdicts.signal_found(says(conversation(), "x")) == ""
