"""Look an installation over, as somebody would who was called because something is wrong, and say what to do.

What must be mended before visitors come is *wrong*; what an operator has to decide for themselves is a *note*.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from helpline.conversations import duty, self_tests
from helpline.conversations.models import Case, Message
from helpline.operations import checks, ready, rollout, surroundings, training
from helpline.operations.findings import FINE, NOTE, WRONG, Finding
from helpline.paths import DATA, VAR

_STUCK = timedelta(minutes=1)
_UNREVIEWED = "not yet reviewed"


def look() -> list[Finding]:
    """Return what was found, each as its kind (wrong, note or ok) and a line that says what to do."""
    return [finding for check in _CHECKS for finding in check()]


def _data() -> Iterator[Finding]:
    faults, overdue = checks.faults_and_overdue()
    yield from ((WRONG, fault) for fault in faults)
    yield from ((NOTE, line) for line in overdue)
    if not faults:
        yield FINE, "the data files fit together"
    files = [path for path in DATA.rglob("*.yml") if _UNREVIEWED in path.read_text(encoding="utf-8").lower()]
    if files:
        yield NOTE, f"{len(files)} data files say that no clinician has reviewed them: see docs/clinicians.md"


def _model() -> Iterator[Finding]:
    chosen = Path(settings.HELPLINE_MODEL) if settings.HELPLINE_MODEL else rollout.pointed()
    if chosen and not chosen.exists():
        yield WRONG, f"the model {chosen.name}, which is to be served, is gone: bring it back, or helpline model back"
    elif chosen and chosen.name != training.model_path().name:
        yield NOTE, f"the model {chosen.name} is in use, whatever the data say: see helpline model"
    if training.trained():
        yield FINE, "the model is the one of the present data"
    else:
        yield WRONG, "there is no model for the present data: run helpline train"


def _database() -> Iterator[Finding]:
    try:
        executor = MigrationExecutor(connection)
        due = executor.migration_plan(executor.loader.graph.leaf_nodes())
        broken, encoding = _broken(), surroundings.unfit_encoding()
    except DatabaseError as error:
        yield WRONG, f"the database cannot be read ({type(error).__name__}): look at HELPLINE_DATABASE, disk and owner"
        return
    if encoding:
        yield WRONG, encoding
    if due:
        yield WRONG, f"the database lacks {len(due)} changes: run helpline manage migrate"
        return
    yield (WRONG, f"the database is damaged ({broken}): go back to a backup") if broken else (FINE, "the database")
    yield from _stuck()
    yield from _staff()
    yield from surroundings.clock()


def _broken() -> str:
    if connection.vendor != "sqlite":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        said = str(cursor.fetchone()[0])
    return "" if said == "ok" else said


def _stuck() -> Iterator[Finding]:
    before = timezone.now() - _STUCK
    stuck = Message.objects.filter(author=Message.Author.VISITOR, processed_at=None, at__lt=before).count()
    if stuck:
        yield WRONG, f"{stuck} messages were accepted over a minute ago and are not seen through: is Rasa running?"
    waiting = Case.objects.filter(self_tests.OF_VISITORS, state=Case.State.WAITING).count()
    if waiting:
        yield (NOTE if duty.staffed() else WRONG), f"{waiting} cases wait for somebody of the team"


def _staff() -> Iterator[Finding]:
    active = get_user_model().objects.filter(is_active=True)
    if not active.exists():
        yield WRONG, "there is no account for the console: helpline manage createsuperuser makes the first"
    elif not duty.on_duty().exists():
        yield NOTE, "nobody is on duty: visitors are told so"
    else:
        yield FINE, f"{duty.on_duty().count()} on duty"


def _disk() -> Iterator[Finding]:
    VAR.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(VAR).free
    few = free < surroundings.FEW_BYTES
    yield (WRONG if few else FINE), f"{free / 10**9:.1f} GB are free on the disk of {VAR}"
    for path in (*(VAR / "secrets").glob("*"), *_database_files()):
        facts = path.stat()
        if facts.st_mode & 0o077:
            yield WRONG, f"others can read {path}: chmod go= {path}"
        if facts.st_uid != os.getuid():
            yield WRONG, f"{path} belongs to another account than the one that runs this"


def _database_files() -> Iterator[Path]:
    if connection.vendor == "sqlite":
        database = Path(str(settings.DATABASES["default"]["NAME"]))
        yield from database.parent.glob(f"{database.name}*")


def _servers() -> Iterator[Finding]:
    # On a machine of several, the one or the other may be missing; an action server may be another machine's.
    of_several = not ip_address(settings.HELPLINE_INTERFACE).is_loopback
    actions = f"http://{settings.HELPLINE_ACTIONS_HOST}:{settings.HELPLINE_ACTIONS_PORT}/health"
    yield from _server("Rasa", ready.health_of("rasa"), may_be_elsewhere=of_several)
    yield from _server("the action server", actions)
    yield from _server("the console", ready.health_of("console"), may_be_elsewhere=of_several)


def _server(name: str, address: str, *, may_be_elsewhere: bool = False) -> Iterator[Finding]:
    port = httpx.URL(address).port
    try:
        answer = httpx.get(address, timeout=5, trust_env=False)
    except httpx.ConnectError:
        if may_be_elsewhere:
            yield NOTE, f"{name} does not run on this machine"
        else:
            yield WRONG, f"{name} is not running: nothing listens on port {port}"
        return
    except httpx.HTTPError as error:
        said = f"{name} does not answer on port {port} ({type(error).__name__})"
        yield WRONG, f"{said}: it hangs, or something else has taken the port"
        return
    if answer.status_code == httpx.codes.NOT_FOUND:
        yield WRONG, f"port {port} is taken by something that is not {name}"
        return
    fine = answer.status_code == httpx.codes.OK
    yield (FINE if fine else WRONG), f"{name} answers {answer.status_code}" + ("" if fine else f": {answer.text}")


def _settings() -> Iterator[Finding]:
    said = [
        (settings.HELPLINE_COUNTRY, "HELPLINE_COUNTRY is not set: no number is shown to anybody"),
        (any(settings.HELPLINE_PAGERS), "HELPLINE_PAGE_FIRST is not set: nobody is paged, the console must be watched"),
        (settings.SESSION_COOKIE_SECURE, "HELPLINE_HTTPS is not set: do so when the console is reached from elsewhere"),
        (
            os.environ.get("HELPLINE_ADDRESS_KEY"),
            "HELPLINE_ADDRESS_KEY is not set: the key lies on the disk of what it is for",
        ),
    ]
    yield from ((NOTE, what) for is_set, what in said if not is_set)
    if settings.HELPLINE_SECOND_FACTOR != "required":
        yield NOTE, "HELPLINE_SECOND_FACTOR is not required: a password alone opens the console"


_CHECKS: list[Callable[[], Iterator[Finding]]] = [
    _data,
    _model,
    _disk,
    _database,
    _servers,
    _settings,
    *surroundings.CHECKS,
]
