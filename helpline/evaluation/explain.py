"""The command `helpline risk explain`: print what the detectors saw in a message."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from helpline.console.marking import merged
from helpline.evaluation import report
from helpline.evaluation.explanation import Explainer, Explanation, turns
from helpline.risk.assessment import Finding
from helpline.risk.levels import Level

_NEVER = "-"


def explain(text: str, before: Sequence[str] = (), as_json: bool = False) -> int:
    """Explain a message and return the exit status.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    with report.progress("danger", 1) as done:
        found = load_explainer().explain(text, turns(before))
        done()
    if as_json:
        report.print_json(found.as_dict())
    else:
        _print(found)
    return 0


def load_explainer() -> Explainer:
    """Load the trained model as `helpline evaluate` does.

    Raises:
        NotTrained: `make train` has not run for the present data.
    """
    from helpline.embeddings.encoder import shared_encoder
    from helpline.risk.artefact import load

    return Explainer(load(), shared_encoder().encode)


def marked(text: str, finding: Finding) -> Text:
    """Return the finding's sentence with its words in brackets, which also stand where there is no bold type."""
    sentence = finding.sentence
    start = text.find(sentence)
    while start >= 0 and not all(start <= one and end <= start + len(sentence) for one, end in finding.words):
        start = text.find(sentence, start + 1)
    shown, done = Text(), 0
    # A sentence that stands in several messages, or was cut out of a long one, has no words to mark.
    spans = [(one - start, end - start) for one, end in finding.words] if start >= 0 else []
    for one, end in merged(spans, len(sentence)):
        shown.append(sentence[done:one])
        shown.append(f"[{sentence[one:end]}]", style="bold")
        done = end
    return shown.append(sentence[done:])


def _print(found: Explanation) -> None:
    assessment = found.assessment
    report.say(f"Level: {assessment.level.label}")
    if assessment.crisis_response:
        report.say(f"Said at once: {assessment.crisis_response}")
    if assessment.findings:
        rows = [(one.signal, one.level.label, one.detector, marked(found.text, one)) for one in assessment.findings]
        _table("Findings", ("signal", "level", "detector", "sentence"), rows)
    if found.before:
        _table(
            "Earlier messages",
            ("author", "level", "counted", "message"),
            [(one.author, one.level.label, ", ".join(one.counted) or _NEVER, one.text) for one in found.before],
        )
    if found.words:
        known = [(one.text, one.kind, one.name) for one in found.words]
        _table("Words that patterns know", ("words", "of", "name"), known)
    if found.scores:
        scores = [
            (one.level.label, f"{one.score:.3f}", f"{one.threshold:.3f}", _amount(one.by_itself))
            for one in found.scores
        ]
        _table("Meaning and wording", ("level or worse", "score", "needed", "needed by itself"), scores)
    if assessment.level == Level.NONE:
        report.say(_why_not(found))


def _amount(value: float | None) -> str:
    return _NEVER if value is None else f"{value:.3f}"


def _why_not(found: Explanation) -> str:
    miss = found.nearest_miss
    if miss is None:
        return "Nearest miss: none, there was nothing to read."
    return f"Nearest miss: {miss.level.label}, with {miss.score:.3f} where {miss.threshold:.3f} is needed."


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str | Text]]) -> None:
    table = Table(*heads, title=title, title_justify="left")
    for row in rows:
        # What somebody wrote is never taken for Rich's own markup.
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    report.show(table)
