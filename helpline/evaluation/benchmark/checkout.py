"""A copy of the checkout in which nothing is trained yet, and commands that run in it."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from helpline.chance import number
from helpline.datafiles import read_yaml
from helpline.evaluation.benchmark.results import Took
from helpline.operations.training import quiet_environment
from helpline.paths import ROOT

#: What training and serving read. Not models/ and .cache/: all that can be made is made anew.
_FOLDERS = ("actions", "data", "helpline", "site", "widget")
_FILES = ("config.yml", "credentials.yml", "domain.yml", "endpoints.yml")
_LOCK = "requirements.lock"
_LOG = "bench.log"


class BenchFailed(RuntimeError):
    """A command of the benchmark ended with an error; the message ends with what it printed last."""


def copy_checkout(target: Path, config: Mapping[str, Any] | None = None, root: Path = ROOT) -> Path:
    """Copy what training reads into a new folder, with another configuration where one is given."""
    target.mkdir()
    for name in (*_FOLDERS, *_FILES, _LOCK):
        source = root / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)
    (target / "models").mkdir()
    if config is not None:
        (target / "config.yml").write_text(yaml.safe_dump(dict(config), sort_keys=False), encoding="utf-8")
    return target


def thin_out(folder: Path, most: int) -> None:
    """Leave each intent of a folder of labelled examples at most so many, chosen by a hash: always the same ones.

    A file may hold an intent in several blocks; what is left of it stands in one.
    """
    for path in sorted(folder.glob("*.yml")):
        content = read_yaml(path)
        lines: dict[str, list[str]] = defaultdict(list)
        for block in content["nlu"]:
            lines[block["intent"]] += str(block["examples"]).splitlines(keepends=True)
        content["nlu"] = [
            {"intent": intent, "examples": "".join(sorted(found, key=number)[:most])} for intent, found in lines.items()
        ]
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def run_in(checkout: Path, module: str, arguments: Sequence[str]) -> Took:
    """Run a module with the copy's own code, in a process of its own; return what it took.

    Raises:
        BenchFailed: it ended with an error.
    """
    log = checkout / _LOG
    before, started = _processor_seconds(), time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        ended = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=checkout,
            env=environment_of(checkout),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    took = Took(time.monotonic() - started, _processor_seconds() - before)
    if ended.returncode:
        last = log.read_text(encoding="utf-8", errors="replace").strip()[-1000:]
        raise BenchFailed(f"{module} ended with status {ended.returncode}: {last}")
    return took


def environment_of(checkout: Path) -> dict[str, str]:
    """Return an environment without settings of this installation: the copy is one of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HELPLINE_")}
    return {**kept, **quiet_environment(), "HELPLINE_VAR": str(checkout / "var")}


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
