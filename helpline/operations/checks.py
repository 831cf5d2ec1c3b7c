"""The project's own checks of its data: what Rasa would lose in silence, and what safety asks for.

`helpline check-data` and the tests run them. Rasa's own validation passes over a response that is
defined twice, one that nobody says, and one that is missing; none of the rest does it know of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from django.conf import settings

from helpline.operations.checking import (
    answers,
    crisis,
    demo,
    dialogue,
    lines,
    reading_grade,
    site,
    staff,
    texts,
    topics,
    translations,
)
from helpline.operations.checking.tree import BrokenFiles, Tree, read_tree
from helpline.paths import ROOT

Check = Callable[[Tree], Iterator[str]]


def run_checks(root: Path = ROOT, today: date | None = None) -> list[str]:
    """Return one line a fault in the checkout at ``root``; none when all is well.

    Crisis lines that are overdue are told once there is nothing else.
    """
    faults, overdue = faults_and_overdue(root, today)
    return faults or overdue


def faults_and_overdue(root: Path = ROOT, today: date | None = None) -> tuple[list[str], list[str]]:
    """Return the faults that nothing may be started with, and the crisis lines not verified for too long.

    While a file cannot be read at all, only that is told: the rest would be guesses. Overdue lines are
    no fault: a helpline must not fall silent over them, so the start only warns.
    """
    try:
        tree = read_tree(root)
    except BrokenFiles as error:
        return error.faults, []
    if faults := [fault for check in _CHECKS for fault in check(tree)]:
        return faults, []
    limit = timedelta(days=settings.HELPLINE_LINES_DAYS)
    return [], list(lines.lines_overdue(tree, today or datetime.now(timezone.utc).date(), limit))


_CHECKS: list[Check] = [
    answers.responses_defined_once,
    answers.named_responses_exist,
    answers.no_response_unused,
    answers.placeholders_known,
    answers.topic_figures_from_article,
    answers.topic_sources_from_article,
    answers.buttons_agree,
    topics.topics_complete,
    topics.outside_has_next_step,
    reading_grade.easy_to_read,
    crisis.crisis_responses_fit,
    crisis.waiting_responses_fit,
    translations.translations_complete,
    translations.translations_fit,
    dialogue.intents_in_domain_and_rules,
    dialogue.rule_steps_exist,
    dialogue.actions_agree_with_domain,
    texts.no_example_in_two_intents,
    texts.no_risk_text_twice,
    texts.evaluation_apart_from_training,
    lines.unknown_country_has_no_number,
    lines.lines_reachable,
    lines.files_have_reviewer,
    site.site_fits,
    site.asked_questions_have_answers,
    staff.first_aid_fits,
    staff.replies_fit,
    demo.demo_can_be_played,
    demo.demo_apart_from_evaluation,
]
