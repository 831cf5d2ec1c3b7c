"""The commands of `helpline` for who runs an installation: look it over, test it, back it up, change its model."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

# What a command needs is imported when it runs: the list of them has to be there at once.


def add_to(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands, by what adds one under a name, with what does it and a text."""
    add("doctor", _doctor, "Look an installation over, and say what is wrong and what to do.")
    tested = add("self-test", _self_test, "Write as a visitor in danger, and say whether it was answered and paged.")
    tested.add_argument("--json", action="store_true", help="print JSON, and nothing else, on standard output")
    backup = add("backup", _backup, "Copy the database into a file, while all is running.")
    backup.add_argument("file", type=Path, help="a file that is not there yet")
    restore = add("restore", _restore, "Put a backup in the place of the database; stop everything first.")
    restore.add_argument("file", type=Path, help="what helpline backup wrote")
    anyway = "also where something is running, or the backup is of another version"
    restore.add_argument("--anyway", action="store_true", help=anyway)
    model = add("model", _model, "List the models with their figures; put another in use, or go back.")
    model.set_defaults(change="")
    changes = model.add_subparsers(metavar="COMMAND")
    for name, text in (
        ("try", "Measure a model, and compare it with the one that is served."),
        ("use", "Measure a model, and serve it from the next start on where it is no worse."),
    ):
        change = changes.add_parser(name, help=text, description=text)
        change.set_defaults(change=name)
        change.add_argument("file", type=Path, help="the model, in the folder of models")
        if name == "use":
            change.add_argument("--anyway", action="store_true", help="also where it is worse")
    text = "Go back to the model that was in use before, from the next start on."
    changes.add_parser("back", help=text, description=text).set_defaults(change="back")


def _doctor(chosen: argparse.Namespace) -> int:
    from helpline.operations import doctor
    from helpline.operations.findings import WRONG

    found = doctor.look()
    print("\n".join(f"{kind:<6} {line}" for kind, line in found))
    return int(any(kind == WRONG for kind, _ in found))


def _self_test(chosen: argparse.Namespace) -> int:
    from helpline.operations import self_test

    result = self_test.run()
    if chosen.json:
        print(json.dumps({"passed": result.passed, "seen": result.seen, "missing": result.missing}))
    else:
        print("\n".join(self_test.told(result)))
    return int(not result.passed)


def _backup(chosen: argparse.Namespace) -> int:
    from helpline.operations import backups

    backups.make(chosen.file)
    print(f"Written: {chosen.file}")
    for path in backups.secrets_beside():
        print(f"Keep too, and apart from it: {path}")
    return 0


def _restore(chosen: argparse.Namespace) -> int:
    from helpline.operations import backups

    kept = backups.restore(chosen.file, anyway=chosen.anyway)
    print(f"Brought back: {chosen.file}")
    if kept:
        print(f"What was there before is kept in {kept}: delete it when all is well.")
    print("What visitors had erased since is there again: erase it again. Then start everything.")
    return 0


def _model(chosen: argparse.Namespace) -> int:
    from helpline.operations import models

    return models.command(chosen.change, getattr(chosen, "file", None), anyway=getattr(chosen, "anyway", False))
