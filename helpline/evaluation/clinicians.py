"""The parts of docs/clinicians.md that follow from the data and from the trained model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timezone

from helpline.evaluation import report
from helpline.evaluation.figures import wilson
from helpline.evaluation.files import RiskFile, TopicFile, read_risk_file, read_topic_file
from helpline.evaluation.generated import table, write_part
from helpline.evaluation.marked import BadFile
from helpline.evaluation.risk import Assesses, Scored, score_cases
from helpline.paths import DATA, ROOT
from helpline.risk.examples import Example, load_dialogues, load_everyday, load_examples
from helpline.risk.levels import Level
from helpline.risk.signals import signals

PAGE = ROOT / "docs" / "clinicians.md"
COMMAND = "helpline evaluate --clinicians"
_RISK, _TOPICS = DATA / "evaluation" / "risk.yml", DATA / "evaluation" / "topics.yml"
_GRAVEST_FIRST = tuple(reversed(Level))
_DANGER = _GRAVEST_FIRST[:-1]
_ALL = "all"


def write_page() -> int:
    """Write what follows from the data, then measure and write the figures; return the exit status.

    Raises:
        NotTrained: `make train` has not run for the present data; the data's parts are written all the same.
    """
    try:
        risk, topics = read_risk_file(_RISK), read_topic_file(_TOPICS)
    except BadFile as error:
        report.complain(str(error))
        return 2
    write_part(PAGE, "signals", signals_table())
    write_part(PAGE, "data", data_tables(risk))
    from helpline.risk import artefact

    model = artefact.path().stem
    write_part(PAGE, "figures", measured(risk, topics, artefact.shared_assessor(), model, _today()))
    report.say(f"Written into docs/{PAGE.name}.")
    return 0


def signals_table() -> str:
    """Return the table of all signals, by family and level."""
    catalogue = signals().values()
    families = dict.fromkeys(signal.group for signal in catalogue)
    rows = [
        (
            f"`{family}`",
            *(
                ", ".join(f"`{one.name}`" for one in catalogue if (one.group, one.level) == (family, level)) or "-"
                for level in _DANGER
            ),
        )
        for family in families
    ]
    return table(("family", *(level.label for level in _DANGER)), rows)


def data_tables(scored_on: RiskFile) -> str:
    """Return the tables of what is learned, by family and level, and of what is scored on."""
    examples, dialogues, everyday = load_examples(), load_dialogues(), load_everyday()
    families = sorted({example.group for example in examples})
    learned = [_counts(f"`{name}`", _levels(one for one in examples if one.group == name)) for name in families]
    learned += [
        _counts("all families", _levels(examples)),
        _counts("dialogues, by their last message", _levels(dialogues)),
        _counts("everyday questions, of `data/nlu/`", _levels(everyday)),
    ]
    kept = [
        _counts("single messages", [case.level for case in scored_on.cases]),
        _counts("last messages of a conversation", [case.level for case in scored_on.with_history]),
    ]
    heads = (*(level.label for level in _GRAVEST_FIRST), _ALL)
    learning = table(("learned from", *heads), learned)
    return f"{learning}\n\n{table(('scored on, and never learned from', *heads), kept)}"


def measured(risk: RiskFile, topics: TopicFile, assessor: Assesses, model: str, day: date) -> str:
    """Return what comes of assessing every message that is scored on."""
    questions = [case.text for case in (*topics.faq, *topics.out_of_scope, *topics.chitchat) if not case.risk_level]
    with report.progress("danger", len(risk.cases) + len(risk.with_history) + len(questions)) as done:
        scored, last = (score_cases(cases, assessor, done) for cases in (risk.cases, risk.with_history))
        asked = []
        for text in questions:
            asked.append(assessor.assess(text).level)
            done()
    parts = (by_level(scored), by_family(scored), false_alarms(scored, asked), with_history(last))
    return "\n\n".join((f"`{COMMAND}`, {day.isoformat()}, model `{model}`.", *parts))


def by_level(scored: Sequence[Scored]) -> str:
    """Return the table of what was seen of each level of danger."""
    rows = []
    for level in _DANGER:
        of_level = [one for one in scored if one.case.level == level]
        rows.append((level.label, str(len(of_level)), _share(of_level, _right), _share(of_level, _flagged)))
    danger = [one for one in scored if one.case.level > Level.NONE]
    rows.append((_ALL, str(len(danger)), _share(danger, _right), _share(danger, _flagged)))
    return table(("danger", "messages", "flagged at its level or higher", "flagged at all"), rows)


def by_family(scored: Sequence[Scored]) -> str:
    """Return the table of what was seen of each family, and of harmless messages written against it."""
    rows = []
    for family in sorted({one.case.group for one in scored}):
        danger, harmless = (
            [one for one in scored if one.case.group == family and (one.case.level > Level.NONE) == dangerous]
            for dangerous in (True, False)
        )
        shares = (_share(danger, _right), _share(danger, _flagged))
        rows.append((f"`{family}`", str(len(danger)), *shares, str(len(harmless)), _share(harmless, _alarm)))
    heads = ("danger", "flagged at its level or higher", "flagged at all", "harmless, but hard", "flagged all the same")
    return table(("family", *heads), rows)


def false_alarms(scored: Sequence[Scored], asked: Sequence[Level]) -> str:
    """Return the table of harmless messages that were flagged."""
    harmless = [one for one in scored if one.case.level == Level.NONE]
    levels = [one.got for one in harmless]
    rows = (
        ("hard ones, flagged", str(len(harmless)), _share(harmless, _alarm)),
        ("hard ones, flagged as high or imminent", str(len(harmless)), _share(levels, _alarming)),
        ("ordinary questions, flagged", str(len(asked)), _share(asked, bool)),
        ("ordinary questions, flagged as high or imminent", str(len(asked)), _share(asked, _alarming)),
    )
    return table(("harmless messages", "messages", "share"), rows)


def with_history(last: Sequence[Scored]) -> str:
    """Return the table of last messages of a conversation, in the light of the earlier ones."""
    danger, harmless = (
        [one for one in last if (one.case.level > Level.NONE) == dangerous] for dangerous in (True, False)
    )
    rows = [
        (name, str(len(of_kind)), _share(of_kind, _right))
        for name, of_kind in (("dangerous", danger), ("harmless", harmless), (_ALL, last))
    ]
    return table(("last message of a conversation", "messages", "right"), rows)


def _right(one: Scored) -> bool:
    return one.right


def _flagged(one: Scored) -> bool:
    return one.got > Level.NONE


def _alarm(one: Scored) -> bool:
    return not one.right


def _alarming(level: Level) -> bool:
    return level >= Level.HIGH


def _share(of: Sequence, is_one: Callable[..., bool]) -> str:
    """Return a share with its confidence interval; a dash where there is no case."""
    if not of:
        return "-"
    number = sum(map(is_one, of))
    low, high = wilson(number, len(of))
    return f"{report.percent(number / len(of))} ({report.percent(low)} to {report.percent(high)})"


def _levels(examples: Iterable[Example]) -> list[Level]:
    return [example.level for example in examples]


def _counts(name: str, levels: Sequence[Level]) -> tuple[str, ...]:
    found = Counter(levels)
    return (name, *(f"{found[level]:,}" for level in _GRAVEST_FIRST), f"{len(levels):,}")


def _today() -> date:
    return datetime.now(timezone.utc).date()
