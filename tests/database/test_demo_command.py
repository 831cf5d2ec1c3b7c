"""`helpline demo` makes accounts and a week, says its password once, and keeps away from what serves visitors."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import User
from django.test import Client

from helpline import cli
from helpline.console import roles
from helpline.conversations.models import Case, Conversation
from helpline.datafiles import DataError
from helpline.operations.demo import command
from helpline.operations.demo.script import load_week
from helpline.operations.run import CannotStart
from helpline.risk.signals import signals

pytestmark = pytest.mark.django_db

SMALL = """
country: US
conversations:
- name: asks
  times: 2
  turns: [{visitor: what is it, answers: [utter_tolerance]}]
- name: waits
  began: 5
  turns:
  - {visitor: "i am alone with it", found: [{signal: using_alone, words: ["alone"]}]}
"""


@pytest.fixture(autouse=True)
def small_week(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """Let the week be small; return its file."""
    path = tmp_path / "week.yml"
    path.write_text(SMALL)
    monkeypatch.setattr(command, "FILE", path)
    return path


def run(*arguments: str) -> int:
    """Run the command; its set-up is left out, since a second one closes what TensorFlow logs to."""
    chosen = cli._parser().parse_args(["demo", *arguments])
    return int(chosen.command(chosen))


def test_it_says_what_it_made_and_warns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    told = capsys.readouterr().out
    assert "3 conversations of the last seven days (0 erased), 11 messages" in told
    assert "1 case (1 waiting and 0 held now)" in told
    assert "nobody in it is real. Never let an installation with it serve visitors" in told


def test_three_accounts_can_log_in_with_the_password_that_is_shown_once(
    capsys: pytest.CaptureFixture[str], rf: Any
) -> None:
    run()
    told = capsys.readouterr().out
    (password,) = re.findall(r"Password of all three: (\S{16})", told)
    assert told.count(password) == 1
    for role in ("responder", "supervisor", "admin"):
        user = authenticate(rf.post("/login"), username=f"demo-{role}", password=password)
        assert isinstance(user, User)
        assert roles.role_of(user) == role
        assert not user.is_superuser


def test_the_console_shows_the_week() -> None:
    run()
    browser = Client()
    browser.force_login(get_user_model().objects.get(username="demo-responder"))
    assert b"using alone" in browser.get("/").content
    assert b"<mark>alone</mark>" in browser.get(f"/cases/{Case.objects.get().pk}/").content


def test_a_database_with_conversations_is_left_alone(conversation: Conversation) -> None:
    with pytest.raises(CannotStart, match="There are conversations already"):
        run()
    assert Conversation.objects.count() == 1
    assert not get_user_model().objects.exists()


def test_it_is_filled_all_the_same_when_asked_to_and_again(conversation: Conversation) -> None:
    run("--add")
    run("--add")
    assert Conversation.objects.count() == 1 + 2 * 3
    assert get_user_model().objects.count() == 3


def test_where_staff_are_paged_nothing_is_made_up(settings: Any) -> None:
    """They would be called about people who are not there."""
    settings.HELPLINE_PAGERS = [["json://127.0.0.1:9/first"]]
    with pytest.raises(CannotStart, match="HELPLINE_PAGE_FIRST is set"):
        run("--add")
    assert not Conversation.objects.exists()


def test_of_a_week_that_breaks_off_nothing_stays(small_week: Any) -> None:
    small_week.write_text(f"{SMALL}- {{name: breaks, turns: [{{responder: hello}}]}}\n")
    with pytest.raises(DataError, match=r"breaks: turns\[0\]: nobody holds a case"):
        run()
    assert not Conversation.objects.exists()
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize(
    ("turns", "told"),
    [
        ("[{visitor: hm}]", r"asks: turns\[0\]: nothing answers it"),
        ("[{visitor: hm, answers: [utter_tolerance]}, {silent: true}]", r"asks: turns\[1\]: nothing was asked"),
        ("[{tapped: /request_human}, {note: hm}]", r"asks: turns\[1\]: nobody holds a case"),
        ("[{tapped: /request_human}]", "asks: its case is open: it needs 'ended'"),
        ("[{visitor: hm, answers: [utter_tolerance], after: 9999}]", "asks: takes longer than 90 minutes"),
    ],
)
def test_a_conversation_that_the_product_could_not_have_is_told(turns: str, told: str, small_week: Any) -> None:
    small_week.write_text(f"country: US\nconversations:\n- {{name: asks, turns: {turns}}}\n")
    with pytest.raises(DataError, match=told):
        run()


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{name: a, turn: []}", r"conversations\[0\]: unknown key 'turn'"),
        ("{name: a, turns: [{visitor: x, anwers: []}]}", r"a: turns\[0\]: unknown key 'anwers'"),
        ("{name: a, turns: [{visitor: x, responder: y}]}", r"a: turns\[0\]: must be one of visitor, tapped"),
        ("{name: a, turns: [{visitor: x, found: [{signal: gone}]}]}", r"a: turns\[0\].found: unknown signal 'gone'"),
        (
            "{name: a, turns: [{visitor: x, found: [{signal: abuse, words: [y]}]}]}",
            r"a: turns\[0\].found: 'y' was not said",
        ),
        (
            "{name: a, turns: [{visitor: x, found: [{signal: abuse, level: odd}]}]}",
            r"a: turns\[0\].found: 'odd' is no level",
        ),
        (
            "{name: a, turns: [{visitor: x, review: {verdict: odd}}]}",
            r"a: turns\[0\].review: must be one of right, too_high",
        ),
        ("{name: a, turns: [], outcome: odd}", "a: outcome: must be one of safe"),
        ("{name: a, turns: [], ended: waiting}", "a: ended: must be one of returned, resolved"),
        ("{name: a, turns: [], began: 5, times: 2}", "a: began: goes on now"),
        ("{name: a, turns: []}, {name: a, turns: []}", r"conversations\[1\]: the name 'a' stands twice"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_place(entry: str, told: str, small_week: Any) -> None:
    small_week.write_text(f"country: US\nconversations: [{entry}]\n")
    with pytest.raises(DataError, match=rf"week\.yml: {told}"):
        load_week(small_week, signals())
