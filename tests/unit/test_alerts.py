"""Each alert comes when it should and not before, as Prometheus' own tool reckons it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpline.paths import ROOT

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
PROMTOOL = shutil.which("promtool")
#: Two hours of one value, a minute apart.
LONG = 120


@dataclass(frozen=True)
class When:
    """Series under which an alert comes after some minutes, and others under which it never does."""

    bad: dict[str, str]
    good: dict[str, str]
    after: int = 1
    labels: dict[str, str] = field(default_factory=dict)


def steady(value: float) -> str:
    return f"{value}x{LONG}"


WAITING = 'helpline_case_waiting_oldest_seconds{level="%s"}'
ALERTS = {
    "HelplineSilent": When({}, {"helpline_unprocessed": steady(0)}, 3),
    "ImminentCaseWaits": When(
        {WAITING % "imminent": steady(181)}, {WAITING % "imminent": steady(179)}, labels={"level": "imminent"}
    ),
    "HighCaseWaits": When({WAITING % "high": steady(601)}, {WAITING % "high": steady(599)}, labels={"level": "high"}),
    "NobodyOnDuty": When(
        {"helpline_responders_on_duty": steady(0), 'helpline_cases_waiting{level="high"}': steady(1)},
        {"helpline_responders_on_duty": steady(1), 'helpline_cases_waiting{level="high"}': steady(1)},
        6,
    ),
    "PagesFail": When(
        {'helpline_pages_recent{state="failed"}': steady(1)},
        {'helpline_pages_recent{state="sent"}': steady(9), 'helpline_pages_recent{state="failed"}': steady(0)},
        labels={"state": "failed"},
    ),
    "MessagesNotSeenThrough": When(
        {"helpline_unprocessed_oldest_seconds": steady(61)}, {"helpline_unprocessed_oldest_seconds": steady(59)}
    ),
    "AnswersFail": When({"helpline_not_answered_recent": steady(4)}, {"helpline_not_answered_recent": steady(3)}),
    "TurnsSlow": When(
        {'helpline_turn_seconds{quantile="0.95"}': steady(3.1)},
        {'helpline_turn_seconds{quantile="0.95"}': steady(2.9), 'helpline_turn_seconds{quantile="0.99"}': steady(9)},
        11,
        {"quantile": "0.95"},
    ),
    "OutboxStuck": When({"helpline_outbox_oldest_seconds": steady(301)}, {"helpline_outbox_oldest_seconds": steady(9)}),
    "ForgedRequests": When(
        {'helpline_channel_requests_today{channel="sms",what="forged"}': steady(101)},
        {'helpline_channel_requests_today{channel="sms",what="sent"}': steady(9000)},
        labels={"channel": "sms"},
    ),
    "SelfTestFails": When({"helpline_self_test_passed": steady(0)}, {"helpline_self_test_passed": steady(1)}),
    "SelfTestMissing": When(
        {"helpline_self_test_at_seconds": steady(0), "helpline_self_test_interval_seconds": steady(300)},
        # The clock of these tests begins at 0.
        {"helpline_self_test_at_seconds": f"0+60x{LONG}", "helpline_self_test_interval_seconds": steady(300)},
        16,
    ),
    "WatchdogBusy": When(
        {'helpline_watchdog_today{what="case"}': f"0+1x{LONG}"},
        {'helpline_watchdog_today{what="case"}': steady(90)},
        20,
        {"what": "case"},
    ),
    "ClaimsSlow": When(
        {'helpline_claim_seconds{quantile="0.5"}': steady(601)},
        {'helpline_claim_seconds{quantile="0.5"}': steady(599)},
        16,
        {"quantile": "0.5"},
    ),
    "BackupOld": When({"helpline_backup_age_seconds": steady(172801)}, {"helpline_backup_age_seconds": steady(172799)}),
}


def rules() -> dict[str, dict[str, Any]]:
    """Return the rules by the names of their alerts."""
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def comes(folder: Path, alert: str, series: dict[str, str], after: int, labels: dict[str, str], *, comes: bool) -> None:
    """Have Prometheus' tool check that an alert comes after so many minutes, or does not."""
    rule = rules()[alert]
    expected = [{"exp_labels": {**rule["labels"], **labels}, "exp_annotations": rule["annotations"]}] if comes else []
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [{"eval_time": f"{after}m", "alertname": alert, "exp_alerts": expected}],
    }
    file = folder / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}))
    ran = subprocess.run([str(PROMTOOL), "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture(autouse=True)
def promtool() -> None:
    """Skip loudly on a laptop; fail in CI."""
    if PROMTOOL is None and not os.environ.get("CI"):
        pytest.skip("NOT RUN: promtool is not installed (Debian: apt-get install prometheus)")


def test_every_alert_has_its_test_here() -> None:
    assert rules().keys() == ALERTS.keys()


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_comes_when_it_should(alert: str, tmp_path: Path) -> None:
    when = ALERTS[alert]
    comes(tmp_path, alert, when.bad, when.after, when.labels, comes=True)


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_does_not_come_for_what_is_as_it_should_be(alert: str, tmp_path: Path) -> None:
    when = ALERTS[alert]
    comes(tmp_path, alert, when.good, LONG - 10, when.labels, comes=False)


@pytest.mark.parametrize("alert", [name for name, rule in rules().items() if "for" in rule])
def test_an_alert_that_is_to_wait_waits(alert: str, tmp_path: Path) -> None:
    when = ALERTS[alert]
    comes(tmp_path, alert, when.bad, when.after - 2, when.labels, comes=False)
