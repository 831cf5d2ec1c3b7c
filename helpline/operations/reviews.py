"""The verdicts of reviewers as labelled messages, in the form of the files of `data/risk/`, personal data masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q
from django.utils import timezone

from helpline.conversations.models import FlagReview, Message
from helpline.conversations.reviewing import between
from helpline.conversations.verdicts import signal_found
from helpline.operations.checking.texts import fold
from helpline.operations.labelled import Labelled, as_file
from helpline.operations.personal import without_personal
from helpline.operations.unanswered import as_nlu, fell_back, grouped
from helpline.risk.assessment import AUTHORS
from helpline.risk.examples import DIALOGUES, NO_SIGNAL
from helpline.risk.levels import Level
from helpline.risk.signals import signals

#: A message with so few words means what the turns before make of it.
_FEW_WORDS = 3
#: Turns before a message, where it rests on them; as many as the dialogues have.
_TURNS = 6
_FALSE_ALARM = FlagReview.Verdict.FALSE_ALARM
_ROLES = {author: role for role, author in AUTHORS.items()}
#: Above the examples of `nlu/unanswered.yml` that stand there for their verdict.
_HARMLESS = "judged a false alarm"
#: What every file begins with.
READ_FIRST = """\
# Verdicts of reviewers, {span}. Personal data are masked by patterns, which miss some, and `who` is guessed
# from the words. A person must read every line, put it into other words, and have a second one agree with its
# label, before any of it goes into data/. Confidential: delete this file after that.
"""


@dataclass
class Export:
    """What goes out: the content of each file by its path, and what could not."""

    span: str
    files: dict[str, str] = field(default_factory=dict)
    messages: int = 0
    questions: int = 0
    left_out: int = 0

    @property
    def everything(self) -> dict[str, str]:
        """The files, and one that says what to do with them; never none at all."""
        return {"README.txt": f"{self.read_first}\n{self.summary}\n", **self.files}

    @property
    def read_first(self) -> str:
        """What every file begins with."""
        return READ_FIRST.format(span=self.span)

    @property
    def summary(self) -> str:
        """How many there are, in a sentence."""
        said = f"Judged messages: {self.messages}; questions that fell back: {self.questions}."
        return f"{said} Left out for want of words or of a known signal: {self.left_out}." if self.left_out else said


def export(since: datetime | None, until: datetime | None) -> Export:
    """Return the verdicts of a span, the newest of each text, and the questions of it that fell back.

    A false alarm was a question too, which had crisis text for an answer: it stands among them, to be labelled.
    Conversations that were erased or are to be are left out.
    """
    done = Export(span=_named(since, until))
    files: dict[str, list[Labelled]] = defaultdict(list)
    seen: set[str] = set()
    reviews = _reviews(since, until)
    for review in reviews:
        labelled = _labelled(review)
        if labelled is None:
            done.left_out += 1
        elif labelled.prior or fold(labelled.text) not in seen:
            seen.add(fold(labelled.text))
            files[_file_of(review, labelled)].append(labelled)
            done.messages += 1
    for name, some in sorted(files.items()):
        done.files[f"risk/{name}"] = done.read_first + as_file(name, some, timezone.localdate())
    questions = grouped(fell_back(between("answers__at", since, until)), without_personal)
    harmless = [(_HARMLESS, review.message.text) for review in reviews if review.verdict == _FALSE_ALARM]
    if wanted := [*questions, *grouped(harmless, without_personal)]:
        done.files["nlu/unanswered.yml"] = done.read_first + as_nlu(wanted)
    done.questions = len(questions)
    return done


def write(folder: Path, days: int) -> str:
    """Write the verdicts of the last days into a folder, for the eyes of its owner; return how many there are.

    Raises:
        FileExistsError: there is something in the folder.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(folder)
    done = export(timezone.now() - timedelta(days=days), None)
    for path, content in done.everything.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")
    return done.summary


def _reviews(since: datetime | None, until: datetime | None) -> list[FlagReview]:
    kept = Q(message__conversation__erased_at=None, message__conversation__erase_asked_at=None)
    found = FlagReview.objects.filter(kept, between("at", since, until), message__tapped=False)
    return list(found.select_related("message").order_by("-at", "-pk"))


def _labelled(review: FlagReview) -> Labelled | None:
    """Return the message with its label; None where nothing is left that could be learned from."""
    message, harmless = review.message, review.verdict == _FALSE_ALARM
    text = without_personal(message.text)
    if not text or not (harmless or review.signal in signals()):
        return None
    prior = tuple(_prior(message)) if _rests_on_earlier(message) else ()
    if harmless:
        taken_for = (
            f"judged a false alarm, flagged {Level(message.level).label} as {signal_found(message) or NO_SIGNAL}"
        )
        return Labelled(text, Level.NONE, "", taken_for, prior)
    return Labelled(text, Level(review.level), review.signal, "", prior)


def _rests_on_earlier(message: Message) -> bool:
    return len(message.text.split()) <= _FEW_WORDS or any(finding.get("earlier") for finding in message.findings)


def _prior(message: Message) -> Iterator[tuple[str, str]]:
    """Yield (role, text) of the turns before a message, the oldest first."""
    before = Message.objects.filter(conversation=message.conversation_id, seq__lt=message.seq, author__in=_ROLES)
    for turn in reversed(before.exclude(text="").order_by("-seq")[:_TURNS]):
        yield _ROLES[turn.author], without_personal(turn.text)


def _file_of(review: FlagReview, labelled: Labelled) -> str:
    """Return the file that a message belongs into: of a false alarm, that of the family that it was taken for."""
    if labelled.prior:
        return DIALOGUES
    known = signals().get(labelled.signal or signal_found(review.message))
    return f"{known.group}.yml" if known else "everyday.yml"


def _named(since: datetime | None, until: datetime | None) -> str:
    first = timezone.localdate(since).isoformat() if since else "the beginning"
    # The span ends before the moment that is its end.
    last = timezone.localdate(until - timedelta(microseconds=1)).isoformat() if until else "today"
    return f"{first} to {last}"
