"""Test the line again and again beside the figures for Prometheus, and tell by them what came of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import close_old_connections
from prometheus_client.core import GaugeMetricFamily, Metric

from helpline.operations import self_test

logger = logging.getLogger(__name__)


class SelfTesting:
    """Tests the line every few minutes, in a thread that ends with the process."""

    def __init__(self, minutes: float) -> None:
        self._seconds = minutes * 60
        self._ended_at = time.time()
        self._last: self_test.Result | None = None

    def start(self) -> None:
        """Begin; the first test comes when the servers had time to start."""
        threading.Thread(target=self._go_on, daemon=True, name="self-test").start()

    def test(self) -> None:
        """Test once, and keep the result."""
        close_old_connections()
        try:
            self._last = self_test.run()
        finally:
            close_old_connections()
        self._ended_at = time.time()
        if self._last.passed:
            logger.info("self-test: passed, answered in %.1f s", self._last.answer_seconds)
        else:
            logger.error("self-test: not seen: %s %s", ", ".join(self._last.missing), self._last.fault)

    def figures(self) -> Iterator[Metric]:
        """Yield what Prometheus is told."""
        yield GaugeMetricFamily(
            "helpline_self_test_interval_seconds", "How often the line tests itself.", value=self._seconds
        )
        yield GaugeMetricFamily(
            "helpline_self_test_at_seconds", "When a test last ended, or this process began.", value=self._ended_at
        )
        if self._last is None:
            return
        yield GaugeMetricFamily(
            "helpline_self_test_passed", "Whether the last test saw every step.", value=self._last.passed
        )
        yield GaugeMetricFamily(
            "helpline_self_test_answer_seconds", "How long its crisis text took.", value=self._last.answer_seconds
        )
        steps = GaugeMetricFamily("helpline_self_test_step", "Which steps the last test saw.", labels=["step"])
        for step in self_test.STEPS:
            steps.add_metric([step], step in self._last.seen)
        yield steps

    def _go_on(self) -> None:
        while True:
            time.sleep(self._seconds)
            try:
                self.test()
            except Exception as error:  # whatever it is: the next test comes, and an alert tells of the missing one
                logger.error("self-test failed: %s", type(error).__name__)


def of_settings() -> SelfTesting | None:
    """Return the tests that are set; None where none are."""
    minutes = settings.HELPLINE_SELF_TEST_MINUTES
    return SelfTesting(minutes) if minutes else None
