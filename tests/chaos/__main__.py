"""Attack the line, check that nothing was lost, and write the figures into docs/reliability.md."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import randbelow
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from tests.chaos.history import History
    from tests.postgres import Postgres

_SCREEN = Console(stderr=True, highlight=False)
_KEPT = Path("var") / "chaos"
_MOST_SHOWN = 50


def main() -> int:
    """Run once; return 0 where nothing was lost."""
    chosen = _arguments()
    seed = randbelow(10**6) if chosen.seed is None else chosen.seed
    again = f"python -m tests.chaos {chosen.database} --seconds {chosen.seconds} --seed {seed}"
    _SCREEN.print(f"Seed {seed}. Again with: {again}")
    with tempfile.TemporaryDirectory(prefix="helpline-chaos-") as folder:
        # Before anything of the product is imported: the checks read the same database as the servers.
        os.environ["HELPLINE_VAR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "helpline.settings"
        os.environ.pop("HELPLINE_DATABASE", None)
        with _database(chosen.database) as postgres:
            return _run(chosen, Path(folder), postgres, seed)


def _run(chosen: argparse.Namespace, folder: Path, postgres: Postgres | None, seed: int) -> int:
    import django

    django.setup()
    from helpline.operations import training
    from tests.chaos.line import attack
    from tests.chaos.report import summary, write

    os.environ.update(training.quiet_environment())
    training.train_risk()
    training.train_rasa()
    outcome = attack(folder, postgres, chosen.seconds, seed, _SCREEN.print)
    _SCREEN.print(summary(outcome))
    if outcome.faults:
        kept = _keep(outcome.history, folder, f"{chosen.database}-{seed}")
        _SCREEN.print("\n".join(outcome.faults[:_MOST_SHOWN]), style="red")
        _SCREEN.print(f"{len(outcome.faults)} faults. The history and the logs are in {kept}.")
        return 1
    if chosen.write:
        write(chosen.database, outcome, chosen.seconds, seed)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("database", choices=["sqlite", "postgresql"], help="what the line runs on")
    parser.add_argument("--seconds", type=int, default=90, help="how long trouble is made (90)")
    parser.add_argument("--seed", type=int, help="of what is said and what breaks; drawn anew without one")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/reliability.md")
    return parser.parse_args()


@contextlib.contextmanager
def _database(name: str) -> Iterator[Postgres | None]:
    if name == "sqlite":
        yield None
        return
    from tests.besides import Missing
    from tests.postgres import running

    try:
        with running() as server:
            os.environ["HELPLINE_DATABASE"] = server.address
            yield server
    except Missing as missing:
        # Loud on a laptop, and a failure in CI.
        _SCREEN.print(f"NOT RUN: {missing}", style="bold red")
        raise SystemExit(1 if os.environ.get("CI") else 0) from None


def _keep(history: History, folder: Path, name: str) -> Path:
    """Keep what failed, for whoever looks into it."""
    kept = _KEPT / f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
    kept.mkdir(parents=True)
    history.save(kept / "history.jsonl")
    for log in folder.glob("*.log"):
        (kept / log.name).write_bytes(log.read_bytes())
    return kept


if __name__ == "__main__":
    sys.exit(main())
