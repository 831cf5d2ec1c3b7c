"""The command `helpline`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from helpline.datafiles import DataError
from helpline.operations import commands as operating

_UNREADABLE = "helpline: the database cannot be read; helpline run makes it, or brings it up to date"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status. Errors are one clear line."""
    chosen = _parser().parse_args(arguments)
    # The database and the secrets are for the account that runs this, and for no other.
    os.umask(0o077)
    try:
        _prepare()
    except ImproperlyConfigured as error:
        print(f"helpline: {error}", file=sys.stderr)
        return 1
    from helpline.embeddings.weights import WeightsError
    from helpline.operations.backups import BackupRefused
    from helpline.operations.rollout import ModelRefused
    from helpline.operations.run import CannotStart
    from helpline.risk.artefact import NotTrained

    try:
        return int(chosen.command(chosen))
    except (BackupRefused, CannotStart, DataError, ModelRefused, NotTrained, WeightsError) as error:
        print(f"helpline: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="helpline", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=command)
        return added

    start = add("run", _run, "Prepare and start everything, until Ctrl-C.")
    part = "start only this, and prepare nothing: for a service manager or a container"
    start.add_argument("part", nargs="?", choices=["rasa", "actions", "console", "metrics"], help=part)
    add("migrate", _migrate, "Bring the database up to date, or make it where there is none.")
    add("train", _train, "Train what is not trained for the present data.")
    teach = add("teach", _teach, "Teach the encoder the labelled messages anew; what it writes is committed.")
    teach.add_argument("--further", action="store_true", help="go on from what is shipped, once through all messages")
    add("words", _words, "Write anew which words slips of spelling are mended into; they are committed.")
    operating.add_to(add)
    add("check-data", _check_data, "Check every data file and how they fit together.")
    evaluate = add("evaluate", _evaluate, "Score the assistant on labelled messages; without a kind, on its own files.")
    evaluate.add_argument("kind", nargs="?", choices=["risk", "topics"], help="what to score")
    evaluate.add_argument("file", nargs="?", type=Path, help="the YAML file of labelled messages; without one, its own")
    evaluate.add_argument("--json", action="store_true", help="print JSON, and nothing else, on standard output")
    evaluate.add_argument("--update", action="store_true", help="keep the figures as the ones to compare with")
    clinicians = "measure danger with confidence intervals, and write docs/clinicians.md"
    evaluate.add_argument("--clinicians", action="store_true", help=clinicians)
    risk = add("risk", _explain, "Explain what danger is seen in a message, and why, or why not.")
    explain = risk.add_subparsers(required=True, metavar="COMMAND").add_parser("explain", help=risk.description)
    explain.add_argument("text", help="the message; - reads it from standard input, which no shell remembers")
    earlier = "earlier messages, the oldest first; one of the assistant's begins with 'bot:'"
    explain.add_argument("--before", nargs="+", action="extend", default=[], metavar="MESSAGE", help=earlier)
    explain.add_argument("--json", action="store_true", help="print JSON, and nothing else, on standard output")
    measure = add(
        "bench", _bench, "Measure the assistant beside Rasa's stock one, the encoder's engines, and the console."
    )
    measure.add_argument(
        "--only",
        choices=["assistants", "turn", "growth", "many", "load", "encoders", "console"],
        help="measure one part anew",
    )
    asked = add("unanswered", _unanswered, "Print the questions that fell back, to be labelled for data/nlu/.")
    asked.add_argument("--since", type=_whole, default=30, metavar="DAYS", help="how far back to look (30)")
    asked.add_argument("--least", type=_whole, default=1, metavar="N", help="only what was asked so often (1)")
    demo = add("demo", _demo, "Fill an empty database with a made-up week, to look around; never where visitors write.")
    demo.add_argument("--add", action="store_true", help="also where there are conversations already")
    channels = add("channels", _channels, "Look at the channels: what is configured, reachable and wrong.")
    channels.add_subparsers(required=True, metavar="COMMAND").add_parser("check", help=channels.description)
    add("purge", _purge, "Delete the conversations that are older than they are to be kept.")
    judged = add("reviews", _reviews, "Write what reviewers judged as labelled messages, to be put into data/risk/.")
    judged.add_argument("folder", type=Path, help="a folder for the files, new or empty")
    judged.add_argument("--since", type=_whole, default=30, metavar="DAYS", help="how far back to look (30)")
    manage = add("manage", _manage, "Run a Django management command, such as createsuperuser.")
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser


def _whole(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) < 10**5):
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 99999")
    return int(value)


def _prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpline.settings")
    from helpline.operations.training import quiet_environment

    os.environ.update(quiet_environment())
    import django

    django.setup()


def _run(chosen: argparse.Namespace) -> int:
    from helpline.operations.run import run, run_part

    return run_part(chosen.part) if chosen.part else run()


def _migrate(chosen: argparse.Namespace) -> int:
    from helpline.operations.run import migrate

    migrate()
    return 0


def _train(chosen: argparse.Namespace) -> int:
    from rich.console import Console

    from helpline.operations.run import train

    train(Console(stderr=True))
    return 0


def _teach(chosen: argparse.Namespace) -> int:
    from helpline.operations.teaching import teach_with_progress

    teach_with_progress(chosen.further)
    return 0


def _words(chosen: argparse.Namespace) -> int:
    from helpline.teaching.words import write_words

    print(f"{write_words()} words.")
    return 0


def _check_data(chosen: argparse.Namespace) -> int:
    from helpline.operations.checks import run_checks

    faults = run_checks()
    print("\n".join(faults) or "The data are sound.")
    return 1 if faults else 0


def _evaluate(chosen: argparse.Namespace) -> int:
    from helpline.evaluation import command

    if chosen.clinicians:
        from helpline.evaluation.clinicians import write_page

        return write_page()
    if chosen.kind is None:
        return command.evaluate_all(update=chosen.update)
    scored = command.evaluate_risk if chosen.kind == "risk" else command.evaluate_topics
    return scored(chosen.file or command.own_file(chosen.kind), chosen.json)


def _explain(chosen: argparse.Namespace) -> int:
    from helpline.evaluation.explain import explain

    text = sys.stdin.read() if chosen.text == "-" else chosen.text
    return explain(text, chosen.before, chosen.json)


def _bench(chosen: argparse.Namespace) -> int:
    from helpline.evaluation.benchmark.command import bench

    return bench(chosen.only)


def _unanswered(chosen: argparse.Namespace) -> int:
    from django.db import OperationalError

    from helpline.operations.unanswered import as_nlu, summary, unanswered

    try:
        questions = unanswered(chosen.since, chosen.least)
    except OperationalError:
        print(_UNREADABLE, file=sys.stderr)
        return 1
    if questions:
        print(as_nlu(questions), end="")
    print(summary(questions, chosen.since), file=sys.stderr)
    return 0


def _demo(chosen: argparse.Namespace) -> int:
    from helpline.operations.demo.command import demo

    print(demo(add=chosen.add))
    return 0


def _channels(chosen: argparse.Namespace) -> int:
    import warnings

    # Rasa's own dependencies speak of their age.
    warnings.simplefilter("ignore")
    from helpline.operations.channels import check

    return check()


def _purge(chosen: argparse.Namespace) -> int:
    from django.db import OperationalError

    from helpline.conversations import retention

    try:
        deleted = retention.purge()
    except OperationalError:
        print("helpline: the database cannot be used; helpline run makes it, or brings it up to date", file=sys.stderr)
        return 1
    print(f"Conversations deleted: {deleted}.")
    return 0


def _reviews(chosen: argparse.Namespace) -> int:
    from django.db import OperationalError

    from helpline.operations.reviews import write

    try:
        print(write(chosen.folder, chosen.since), file=sys.stderr)
    except FileExistsError:
        print(f"helpline: {chosen.folder} is there and not empty: name another folder", file=sys.stderr)
        return 1
    except OperationalError:
        print(_UNREADABLE, file=sys.stderr)
        return 1
    return 0


def _manage(chosen: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["helpline manage", *chosen.arguments])
    return 0


if __name__ == "__main__":
    sys.exit(main())
