"""The cuts through the scores are those that cost least, on made-up scores and prices."""

from __future__ import annotations

import numpy as np
import pytest

from helpline.risk import thresholds
from helpline.risk.examples import Example
from helpline.risk.levels import Level
from helpline.risk.thresholds import FLAGGED, cheapest_cut, costs_of, cut_by_itself, thresholds_for


def example(text: str, level: Level = Level.NONE, group: str = "made up") -> Example:
    return Example(text, level, "none", group)


@pytest.fixture
def prices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missed alarm costs 5, a false one 1, and 3 on an everyday question."""
    monkeypatch.setattr(thresholds, "COST_BELOW", {level: {level: 5.0} for level in FLAGGED})
    monkeypatch.setattr(thresholds, "COST_ABOVE", {level: {Level.NONE: 1.0} for level in FLAGGED})
    monkeypatch.setattr(thresholds, "COST_OF_EVERYDAY_ALARM", 3.0)


#: Messages as (score, level, group), and the cut for high that is cheapest at those prices.
CUTS = [
    pytest.param([(0.9, 2, "a"), (0.8, 2, "a"), (0.2, 0, "a"), (0.1, 0, "a")], 0.5, id="what lies apart"),
    pytest.param([(0.9, 2, "a"), (0.5, 2, "a"), *[(0.6, 0, "a")] * 4], 0.5, id="four false alarms cost 4"),
    pytest.param([(0.9, 2, "a"), (0.5, 2, "a"), *[(0.6, 0, "a")] * 6], 0.75, id="six cost more than one missed"),
    pytest.param([(0.9, 2, "a"), (0.5, 2, "a"), (0.6, 0, "everyday")], 0.5, id="one everyday alarm costs 3"),
    pytest.param([(0.9, 2, "a"), (0.5, 2, "a"), *[(0.6, 0, "everyday")] * 2], 0.75, id="two cost more than one missed"),
]


@pytest.mark.parametrize(("messages", "cut"), CUTS)
def test_a_threshold_is_the_cheapest_cut(messages: list, cut: float, prices: None) -> None:
    shown = [example("x", Level(level), group=group) for _, level, group in messages]
    scores = np.array([[0.0, score, 0.0] for score, _, _ in messages])
    assert cheapest_cut(scores[:, 1], *costs_of(shown, Level.HIGH)) == pytest.approx(cut)


def test_thresholds_are_those_of_many_draws_and_the_same_each_time(prices: None) -> None:
    """One odd message moves them little."""
    messages = [(0.6 + n / 100, 2) for n in range(40)] + [(n / 100, 0) for n in range(40)]
    shown, odd = ([example("x", Level(level)) for _, level in found] for found in (messages, [*messages, (0.05, 2)]))
    scores = np.array([[score] * 3 for score, _ in [*messages, (0.05, 2)]])
    cuts = thresholds_for(scores[:-1], shown)
    assert thresholds_for(scores[:-1], shown) == cuts
    assert 0.39 <= cuts[Level.HIGH] <= 0.6
    assert abs(thresholds_for(scores, odd)[Level.HIGH] - cuts[Level.HIGH]) < 0.1


def test_the_cut_by_itself_rests_on_what_is_no_alarm_without_it(prices: None) -> None:
    """A danger that is an alarm already tells nothing of where it has to be."""
    quiet = [(0.1, 0.5 + n / 100, 2) for n in range(40)] + [(0.1, n / 100, 0) for n in range(40)]
    alarms = [(0.9, 0.05, 3)] * 40
    found = []
    for messages in (quiet, [*quiet, *alarms]):
        scores = np.array([[high, high, imminent] for high, imminent, _ in messages])
        shown = [example("x", Level(level)) for *_, level in messages]
        found.append(cut_by_itself(scores, shown, {Level.HIGH: 0.5}))
    assert found[0] == found[1]
    assert 0.39 <= found[0] <= 0.5


def test_without_a_quiet_danger_nothing_is_imminent_by_itself(prices: None) -> None:
    scores = np.array([[0.9, 0.9, 0.9], [0.0, 0.0, 0.0]])
    shown = [example("x", Level.IMMINENT), example("x", Level.NONE)]
    assert cut_by_itself(scores, shown, {Level.HIGH: 0.5}) == np.inf


def test_missing_a_life_in_danger_costs_more_than_any_false_alarm() -> None:
    """At the product's own prices."""
    worst = max(thresholds.COST_ABOVE[Level.HIGH].values()) * thresholds.COST_OF_EVERYDAY_ALARM
    assert thresholds.COST_BELOW[Level.HIGH][Level.IMMINENT] > worst
    assert thresholds.COST_BELOW[Level.HIGH][Level.IMMINENT] > thresholds.COST_BELOW[Level.HIGH][Level.HIGH]
