"""Ours and the one of `rasa init`, trained from nothing on the same data, and measured by the same steps."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from helpline.chance import number
from helpline.evaluation.benchmark import serving
from helpline.evaluation.benchmark.checkout import BenchFailed, copy_checkout, run_in, thin_out
from helpline.evaluation.benchmark.results import OURS, STOCK, Assistant, Served, Spread, Took
from helpline.evaluation.benchmark.stock import stock_config
from helpline.evaluation.benchmark.turns import measure_served
from helpline.evaluation.benchmark.visiting import RestVisitor, WebVisitor
from helpline.evaluation.files import TopicFile
from helpline.evaluation.topics import Reading, score_topics
from helpline.risk.levels import Level

SHARES = ("topic_accuracy", "out_of_scope_rejection", "chitchat_accuracy")
#: Both learn from so many examples of an intent; on all of them, the stock pipeline would train for hours.
EXAMPLES = 20
_PROBE = "helpline.evaluation.benchmark.probe"
Say = Callable[[str], None]


def measure_assistants(file: TopicFile, say: Say) -> dict[str, Assistant]:
    """Train and measure both, one after the other.

    Raises:
        BenchFailed: one of them could not be trained, or did not answer.
    """
    return {
        OURS: _measure(OURS, ("helpline.cli", "train"), None, file, say),
        STOCK: _measure(STOCK, ("rasa", "train"), stock_config(), file, say),
    }


def in_mixed_order(file: TopicFile) -> list[str]:
    """Return all texts of a topic file, so mixed that any few are a fair sample, and always alike."""
    texts = [case.text for cases in (file.faq, file.out_of_scope, file.chitchat) for case in cases]
    return sorted(texts, key=number)


def _measure(
    name: str, train: tuple[str, str], config: Mapping[str, Any] | None, file: TopicFile, say: Say
) -> Assistant:
    module, *arguments = train
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        checkout = copy_checkout(Path(folder) / name, config)
        thin_out(checkout / "data" / "nlu", EXAMPLES)
        training = run_in(checkout, module, arguments)
        say(f"{name}: trained in {training.clock:.0f} s")
        texts = in_mixed_order(file)
        found = _probe(checkout, texts, *(("served",) if name == OURS else ()))
        say(f"{name}: measured by itself")
        served = _serve(name, checkout, texts)
    say(f"{name}: measured as it is served")
    report = score_topics(file, found["read"].__getitem__, lambda: None)
    shares = {share: report[share] for share in SHARES}
    turn = Spread.of([Took(*one) for one in found["turns"]])
    return Assistant(shares, training, Took(*found["ready"]), found["memory"], turn, served)


def _serve(name: str, checkout: Path, texts: list[str]) -> Served:
    if name == STOCK:
        with serving.stock(checkout, _model(checkout)) as (address, process):
            return measure_served(partial(RestVisitor, address), process, texts)
    with serving.ours(checkout, checkout / "var") as (address, process):
        return measure_served(partial(WebVisitor, address), process, texts)


def _model(checkout: Path) -> Path:
    models = list((checkout / "models").glob("*.tar.gz"))
    if not models:
        raise BenchFailed(f"the training of {checkout.name} left no model")
    return models[0]


def _probe(checkout: Path, texts: list[str], *more: str) -> dict[str, Any]:
    source, result = checkout / "texts.json", checkout / "result.json"
    source.write_text(json.dumps(texts), encoding="utf-8")
    run_in(checkout, _PROBE, [str(_model(checkout)), str(source), str(result), str(time.monotonic()), *more])
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    readings = [Reading(intent, Level.named(level), asks) for intent, level, asks in found["read"]]
    return {**found, "read": dict(zip(texts, readings, strict=True))}
