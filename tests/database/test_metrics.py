"""What Prometheus is told of messages, cases, staff and deliveries, and that the alerts ask for what is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from django.contrib.auth.models import User
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from helpline.channels import counts
from helpline.conversations import cases, duty, outbox, self_tests
from helpline.conversations.models import Address, Case, ChannelCount, Conversation, Message, Page
from helpline.operations import backups, metrics, self_test
from helpline.operations.self_testing import SelfTesting
from helpline.paths import ROOT
from helpline.risk.levels import Level
from tests.servers.stack import free_port

from .conftest import say, visitor_says

DEPLOY = ROOT / "deploy" / "prometheus"
Told = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def address(transactional_db: None) -> Iterator[str]:
    """Serve the figures of the test's database on loopback."""
    port = free_port()
    server, thread = metrics.serve(port)
    yield f"http://127.0.0.1:{port}/metrics"
    server.shutdown()
    server.server_close()
    thread.join()


def told(address: str) -> Told:
    """Ask as Prometheus does."""
    families = text_string_to_metric_families(httpx.get(address).raise_for_status().text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def of(figures: Told, name: str, **labels: str) -> float:
    """Return one figure."""
    return figures[f"helpline_{name}", frozenset(labels.items())]


def of_self_tests() -> set[str]:
    """Return the names of what is told of the line's tests of itself."""
    testing = SelfTesting(5)
    testing._last = self_test.Result()
    return {metric.name for metric in testing.figures()}


def test_an_empty_database_has_figures_too(address: str) -> None:
    """An alert on what is missing would otherwise stand from the first day."""
    figures = told(address)
    assert of(figures, "unprocessed") == 0
    assert of(figures, "cases_waiting", level="imminent") == 0
    assert of(figures, "responders_on_duty") == 0
    assert of(figures, "outbox_oldest_seconds") == 0


def test_messages_are_counted_by_channel_author_and_level(conversation: Conversation, address: str) -> None:
    first = visitor_says(conversation, "he is blue")
    Message.objects.filter(pk=first.pk).update(level=Level.IMMINENT, at=timezone.now() - timedelta(seconds=2))
    outbox.enqueue(conversation.pk, say("utter_crisis_overdose"), Message.Author.BOT, answers=first.pk, ordinal=0)
    old = visitor_says(conversation, "an hour ago")
    Message.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(hours=1))
    figures = told(address)
    assert of(figures, "messages_recent", channel=conversation.channel, author="visitor") == 1
    assert of(figures, "messages_recent", channel=conversation.channel, author="bot") == 1
    assert of(figures, "flagged_recent", level="imminent") == 1
    assert of(figures, "flagged_recent", level="none") == 0
    assert 1.5 < of(figures, "turn_seconds", quantile="0.5") < 60
    assert of(figures, "unprocessed") == 2
    assert of(figures, "unprocessed_oldest_seconds") >= 3600


def test_a_case_that_waits_is_told_with_its_time_until_it_is_claimed(
    conversation: Conversation, first_responder: User, address: str
) -> None:
    message = visitor_says(conversation, "help")
    Message.objects.filter(pk=message.pk).update(level=Level.IMMINENT)
    Conversation.objects.filter(pk=conversation.pk).update(level=Level.IMMINENT)
    case = Case.objects.create(conversation=conversation, level=Level.IMMINENT)
    Case.objects.filter(pk=case.pk).update(waiting_since=timezone.now() - timedelta(minutes=4))
    waiting = told(address)
    assert of(waiting, "cases_waiting", level="imminent") == 1
    assert of(waiting, "case_waiting_oldest_seconds", level="imminent") >= 240
    assert of(waiting, "case_waiting_oldest_seconds", level="high") == 0
    duty.go_on(first_responder)
    assert cases.claim(case.pk, first_responder, say)
    claimed = told(address)
    assert of(claimed, "cases_waiting", level="imminent") == 0
    assert of(claimed, "cases_held") == 1
    assert of(claimed, "responders_on_duty") == 1
    assert of(claimed, "claim_seconds", quantile="0.5") >= 0


def test_pages_and_deliveries_are_told(conversation: Conversation, address: str) -> None:
    case = Case.objects.create(conversation=conversation, level=Level.HIGH)
    Page.objects.create(case=case, number=1, group=1, level=Level.HIGH, state=Page.State.FAILED)
    reply = outbox.enqueue(conversation.pk, say("utter_greet"), Message.Author.BOT)
    assert reply
    ChannelCount.objects.create(channel="sms", what="forged", day=timezone.now().date(), number=7)
    # Of the website nothing waits for a provider: a visitor who has left the page is no fault.
    assert of(told(address), "outbox_oldest_seconds") == 0
    Address.objects.create(conversation=conversation, sealed="x", due_at=timezone.now())
    figures = told(address)
    assert of(figures, "pages_recent", state="failed") == 1
    assert of(figures, "outbox_waiting", channel=conversation.channel) == 1
    assert of(figures, "channel_requests_today", channel="sms", what="forged") == 7


def test_times_are_counted_by_how_long_they_took(conversation: Conversation, address: str) -> None:
    for seconds in (0.2, 3):
        asked = visitor_says(conversation, "what is it")
        Message.objects.filter(pk=asked.pk).update(at=timezone.now() - timedelta(seconds=seconds))
        outbox.enqueue(conversation.pk, say("utter_tolerance"), Message.Author.BOT, answers=asked.pk, ordinal=0)
    figures = told(address)
    assert of(figures, "turn_recent_bucket", le="0.1") == 0
    assert of(figures, "turn_recent_bucket", le="2.5") == 1
    assert of(figures, "turn_recent_bucket", le="+Inf") == 2


def test_what_the_watchdog_made_good_is_told_apart_from_the_channels(conversation: Conversation, address: str) -> None:
    counts._add({(counts.WATCHDOG, "case"): 3, ("sms", "forged"): 1})
    figures = told(address)
    assert of(figures, "watchdog_today", what="case") == 3
    assert ("helpline_channel_requests_today", frozenset({("channel", "watchdog"), ("what", "case")})) not in figures
    assert of(figures, "channel_requests_today", channel="sms", what="forged") == 1


def test_the_age_of_the_last_backup_is_told_once_there_is_one(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_MADE", tmp_path / "last-backup")
    assert ("helpline_backup_age_seconds", frozenset()) not in told(address)
    (tmp_path / "last-backup").touch()
    assert 0 <= of(told(address), "backup_age_seconds") < 60


def test_the_lines_tests_of_itself_are_in_no_figure(conversation: Conversation, address: str) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(channel=self_tests.CHANNEL)
    message = visitor_says(conversation, "she is not breathing")
    Message.objects.filter(pk=message.pk).update(level=Level.IMMINENT)
    case = Case.objects.create(conversation=conversation, level=Level.IMMINENT)
    Page.objects.create(case=case, number=1, group=self_tests.GROUP, level=Level.IMMINENT, state=Page.State.FAILED)
    figures = told(address)
    assert of(figures, "flagged_recent", level="imminent") == 0
    assert of(figures, "cases_waiting", level="imminent") == 0
    assert of(figures, "pages_recent", state="failed") == 0


def test_no_figure_holds_a_word_that_was_written(conversation: Conversation, address: str) -> None:
    visitor_says(conversation, "xylophone")
    answer = httpx.get(address).text
    assert "xylophone" not in answer
    assert conversation.key not in answer


@pytest.mark.parametrize("file", sorted(path.name for path in DEPLOY.iterdir()))
def test_alerts_and_dashboard_ask_only_for_what_is_told(file: str, address: str) -> None:
    """A figure that was renamed would be an alert that never comes."""
    content = (DEPLOY / file).read_text(encoding="utf-8")
    asked = set(re.findall(r"helpline_\w+", content))
    known = {f"helpline_{name}" for name in re.findall(r'"(\w+)", "[A-Z]', Path(metrics.__file__).read_text("utf-8"))}
    known |= {name for name, _ in told(address)} | of_self_tests()
    assert asked
    assert asked <= known
    assert json.loads(content)["panels"] if file.endswith(".json") else yaml.safe_load(content)["groups"]


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    groups = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert rules
    for rule in rules:
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        assert rule["annotations"].keys() == {"summary", "description"}, rule["alert"]
