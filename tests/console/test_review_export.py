"""Verdicts leave as labelled messages that the project's own readers take, and nobody can be known from them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import yaml
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from helpline import cli
from helpline.conversations import erasure, outbox, verdicts
from helpline.conversations.models import AuditEvent, Conversation, FlagReview, Message
from helpline.operations.labelled import Labelled, as_file
from helpline.operations.masking import masked
from helpline.operations.personal import without_personal
from helpline.operations.reviews import export
from helpline.responses.reply import Reply
from helpline.risk.examples import DIALOGUES, load_dialogues, load_examples
from helpline.risk.levels import Level

from .reviewed import ago, conversation, says

Verdict = FlagReview.Verdict
LONG = "and then I went home as on every other day"


def judged(user: User, message: Message, verdict: Verdict, level: int = 0, signal: str = "") -> Message:
    """Judge a message."""
    verdicts.judge(message, user, verdict, level, signal)
    return message


def content(path: str) -> dict:
    """Return what stands in a file of the export of all that there is."""
    return yaml.safe_load(export(None, None).files[path])


# --- what is in it


@pytest.mark.django_db
def test_verdicts_become_examples_of_their_families_that_our_reader_takes(supervisor: User, tmp_path: Path) -> None:
    """Each verdict as the label that the reviewer gave; a false alarm as a hard negative of what it was taken for."""
    where = conversation()
    for text, level, verdict, should_be, signal in (
        (f"right {LONG}", Level.HIGH, Verdict.RIGHT, 2, "using_alone"),
        (f"too high {LONG}", Level.IMMINENT, Verdict.TOO_HIGH, 1, "recent_lapse"),
        (f"too low {LONG}", Level.ELEVATED, Verdict.TOO_LOW, 3, "overdose_now"),
        (f"missed {LONG}", Level.NONE, Verdict.MISSED, 1, "hopelessness"),
        (f"false alarm {LONG}", Level.HIGH, Verdict.FALSE_ALARM, 0, ""),
    ):
        judged(supervisor, says(where, text, level, "using_alone"), verdict, should_be, signal)
    done = export(None, None)
    for path, written in done.files.items():
        if path.startswith("risk/"):
            (tmp_path / Path(path).name).write_text(written, encoding="utf-8")
    found = {(one.text.removesuffix(f" {LONG}"), one.level, one.signal, one.group) for one in load_examples(tmp_path)}
    assert found == {
        ("right", Level.HIGH, "using_alone", "using_alone"),
        ("too high", Level.ELEVATED, "recent_lapse", "lapse"),
        ("too low", Level.IMMINENT, "overdose_now", "overdose"),
        ("missed", Level.ELEVATED, "hopelessness", "distress"),
        ("false alarm", Level.NONE, "none", "using_alone"),
    }
    assert (done.messages, done.left_out) == (5, 0)
    assert content("risk/using_alone.yml")["hard_negatives"] == [
        {"text": f"false alarm {LONG}", "why": "judged a false alarm, flagged high as using_alone"}
    ]


@pytest.mark.django_db
def test_each_file_begins_with_what_a_person_has_to_do(supervisor: User) -> None:
    judged(supervisor, says(conversation(), f"alone {LONG}", Level.HIGH), Verdict.FALSE_ALARM)
    done = export(ago(days=3), None)
    for written in done.everything.values():
        assert written.startswith(f"# Verdicts of reviewers, {timezone.localdate(ago(days=3))} to today.")
        assert "A person must read every line" in written


@pytest.mark.django_db
def test_what_only_the_turns_before_give_away_becomes_a_dialogue(supervisor: User, tmp_path: Path) -> None:
    """Learned alone, a "yes" would make every yes an alarm."""
    where = conversation()
    says(where, "i do not see the point, call me on 212 555 0123")
    outbox.enqueue(where.pk, Reply("Are you thinking about\nending your life?"), Message.Author.BOT)
    outbox.enqueue(where.pk, Reply("said by a person"), Message.Author.RESPONDER)
    judged(supervisor, says(where, "yes", Level.HIGH), Verdict.RIGHT, 2, "suicidal_ideation_active")
    found = {"signal": "mixing", "level": "high", "earlier": ["i do not see the point"]}
    judged(supervisor, says(where, f"so {LONG}", Level.HIGH, findings=[found]), Verdict.FALSE_ALARM)
    (tmp_path / DIALOGUES).write_text(export(None, None).files[f"risk/{DIALOGUES}"], encoding="utf-8")
    assert {(one.text, one.level, one.signal) for one in load_dialogues(tmp_path)} == {
        ("yes", Level.HIGH, "suicidal_ideation_active"),
        (f"so {LONG}", Level.NONE, "none"),
    }
    [said] = [one for one in content(f"risk/{DIALOGUES}")["dialogues"] if one["text"] == "yes"]
    assert said["prior"] == [
        {"user": "i do not see the point, call me on <number>"},
        {"bot": "Are you thinking about ending your life?"},
    ]


@pytest.mark.django_db
def test_a_short_message_that_nothing_came_before_is_an_example(supervisor: User) -> None:
    judged(supervisor, says(conversation(), "i overdosed", Level.IMMINENT), Verdict.RIGHT, 3, "overdose_now")
    assert [one["text"] for one in content("risk/overdose.yml")["examples"]] == ["i overdosed"]


@pytest.mark.django_db
@pytest.mark.parametrize("wish", ["erased_at", "erase_asked_at"])
def test_what_was_erased_or_is_to_be_is_left_out(supervisor: User, wish: str) -> None:
    message = judged(supervisor, says(conversation(), f"alone {LONG}", Level.HIGH), Verdict.FALSE_ALARM)
    assert export(None, None).messages == 1
    Conversation.objects.filter(pk=message.conversation_id).update(**{wish: timezone.now()})
    assert export(None, None).files == {}
    assert erasure.ask(message.conversation_id)


@pytest.mark.django_db
def test_what_nothing_can_be_learned_from_is_left_out_and_counted(supervisor: User) -> None:
    """No words, or a signal that is in the catalogue no more. Of a tap the words are ours."""
    where = conversation()
    judged(supervisor, says(where, "\u200b", Level.HIGH), Verdict.RIGHT, 2, "using_alone")
    judged(supervisor, says(where, f"a {LONG}", Level.HIGH), Verdict.RIGHT, 2, "forgotten")
    judged(supervisor, says(where, f"b {LONG}", Level.HIGH, tapped=True), Verdict.FALSE_ALARM)
    done = export(None, None)
    assert (done.files, done.messages, done.left_out) == ({}, 0, 2)
    assert "of a known signal: 2." in done.summary


@pytest.mark.django_db
def test_of_one_text_the_newest_verdict_counts(supervisor: User) -> None:
    """Two labels of the same words teach neither."""
    first = says(conversation(), f"Alone, {LONG}!", Level.HIGH)
    judged(supervisor, says(conversation(), f"alone {LONG}", Level.HIGH), Verdict.RIGHT, 2, "using_alone")
    judged(supervisor, first, Verdict.FALSE_ALARM)
    found = content("risk/using_alone.yml")
    assert "examples" not in found
    assert [one["text"] for one in found["hard_negatives"]] == [f"Alone, {LONG}!"]


@pytest.mark.django_db
def test_only_verdicts_of_the_span_are_in_it(supervisor: User) -> None:
    """When it was judged counts, not when it was written."""
    message = says(conversation(), f"alone {LONG}", Level.HIGH, at=ago(days=90))
    judged(supervisor, message, Verdict.FALSE_ALARM)
    assert export(ago(days=1), None).messages == 1
    assert export(None, ago(days=1)).messages == 0


@pytest.mark.django_db
def test_questions_that_fell_back_are_in_it_as_examples_to_be_labelled() -> None:
    question = says(conversation(), "what about cats, I was born 12 Jan. 1984, card 4111 1111 1111 1111")
    reply = Reply("said", response="utter_fallback")
    outbox.enqueue(question.conversation_id, reply, Message.Author.BOT, answers=question.pk, ordinal=3)
    written = export(ago(days=1), None).files["nlu/unanswered.yml"]
    [block] = yaml.safe_load(written)["nlu"]
    assert block["examples"].startswith("- what about cats, I was born ")
    assert "4111" not in written
    assert "1984" not in written
    assert export(None, ago(days=1)).questions == 0


def test_a_false_alarm_is_to_be_labelled_as_a_question_too_and_no_other_verdict(supervisor: User) -> None:
    """It had crisis text in place of an answer."""
    alarm, right = (says(conversation(), text, Level.HIGH) for text in ("is using alone bad", "i use alone tonight"))
    judged(supervisor, alarm, Verdict.FALSE_ALARM)
    judged(supervisor, right, Verdict.RIGHT, Level.HIGH, "using_alone")
    done = export(None, None)
    written = done.files["nlu/unanswered.yml"]
    assert yaml.safe_load(written)["nlu"] == [{"intent": "label_me", "examples": "- is using alone bad\n"}]
    assert "# judged a false alarm, once each" in written
    assert done.questions == 0, "it was not one that fell back"


@given(st.lists(st.tuples(st.text(), st.booleans()), min_size=1))
def test_whatever_was_typed_the_file_can_be_read(said: list[tuple[str, bool]]) -> None:
    """Nothing of it is a key, a comment or an end. The masks come last, whatever else looks for personal data."""
    some = [
        Labelled(masked(text), Level.HIGH, "mixing") if danger else Labelled(masked(text), Level.NONE, "", "harmless")
        for text, danger in said
    ]
    read = yaml.safe_load(as_file("mixing_supply.yml", some, timezone.localdate()))
    texts = [entry["text"] for kind in ("examples", "hard_negatives") for entry in read.get(kind, [])]
    assert sorted(texts) == sorted(one.text for one in some)


# --- personal data


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("call (212) 555-0199 or +44 20 7946 0958", ("555", "7946")),
        ("my card is 4111 1111 1111 1111 ok", ("4111",)),
        ("iban GB33BUKB20201555555555", ("GB33", "BUKB")),
        ("from 192.168.2.1 and 2001:db8:85a3:1:2:8a2e:370:7334", ("192", "db8", "85a3", "8a2e")),
        ("i was born 12-MAR-84", ("MAR", "84")),
        ("my ni number is AB 12 34 56 C", ("AB", "56")),
        ("i'm called Sam, sam@example.org", ("Sam", "example")),
    ],
)
def test_what_tells_who_somebody_is_does_not_leave(text: str, hidden: tuple[str, ...]) -> None:
    """What our own masks know, and what the recognizers know beyond."""
    left = without_personal(text)
    assert not [part for part in hidden if part in left]
    assert "<" in left


@pytest.mark.parametrize(
    "text", ["7 days clean, craving 10/10", "i took 3 then 2 more", "is it 40-60 percent?", "used at 2am on monday"]
)
def test_what_danger_is_known_by_stays(text: str) -> None:
    assert without_personal(text) == text


# --- the page and the command


@pytest.mark.django_db
def test_the_download_is_a_zip_that_is_noted_and_not_kept(as_supervisor: Client, supervisor: User) -> None:
    judged(supervisor, says(conversation(), f"alone {LONG}", Level.HIGH), Verdict.FALSE_ALARM)
    answer = as_supervisor.get("/review/export")
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="verdicts-')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert set(archive.namelist()) == {"README.txt", "nlu/unanswered.yml", "risk/using_alone.yml"}
    line = AuditEvent.objects.get(action="exported verdicts")
    assert (line.user, line.detail) == (supervisor, "Judged messages: 1; questions that fell back: 0.")


@pytest.mark.django_db
def test_a_span_that_cannot_be_is_told_and_nothing_leaves(as_supervisor: Client) -> None:
    answer = as_supervisor.get("/review/export?since=2026-05-02&until=2026-05-01")
    assert answer.status_code == 422
    assert "The last day lies before the first one." in answer.content.decode()
    assert not AuditEvent.objects.exclude(action="logged in").exists()


def run(*arguments: str) -> int:
    """Run the command; its set-up is left out, since a second one closes what TensorFlow logs to."""
    chosen = cli._parser().parse_args(["reviews", *arguments])
    return int(chosen.command(chosen))


@pytest.mark.django_db
def test_the_command_writes_the_same_files(
    supervisor: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judged(supervisor, says(conversation(), f"alone {LONG}", Level.HIGH), Verdict.FALSE_ALARM)
    FlagReview.objects.update(at=ago(days=5))
    assert run(str(tmp_path / "few"), "--since", "3") == 0
    assert run(str(tmp_path / "all")) == 0
    assert [path.name for path in (tmp_path / "few").iterdir()] == ["README.txt"]
    assert "text:" in (tmp_path / "all" / "risk" / "using_alone.yml").read_text()
    assert "Judged messages: 1;" in capsys.readouterr().err


@pytest.mark.django_db
def test_the_command_writes_over_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Verdicts of another span, read and put right by hand, may lie there."""
    (tmp_path / "mine.yml").write_text("kept")
    assert run(str(tmp_path)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yml"]
    assert "not empty" in capsys.readouterr().err
