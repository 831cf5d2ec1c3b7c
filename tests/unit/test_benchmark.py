"""What the benchmark is made of, apart from times: the stock configuration, the fresh copy, engines, tables."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file

from helpline.embeddings import adapter, weights
from helpline.embeddings.encoder import shared_encoder
from helpline.evaluation.benchmark import ctranslate, load, page, stock
from helpline.evaluation.benchmark.assistants import SHARES, in_mixed_order
from helpline.evaluation.benchmark.checkout import BenchFailed, copy_checkout, run_in, thin_out
from helpline.evaluation.benchmark.clock import Watch, watch_on
from helpline.evaluation.benchmark.engines import cosines
from helpline.evaluation.benchmark.learning import examples_of
from helpline.evaluation.benchmark.machine import describe, model_of
from helpline.evaluation.benchmark.plain import Plain
from helpline.evaluation.benchmark.probe import peak_memory
from helpline.evaluation.benchmark.results import (
    EXACT,
    OURS,
    STOCK,
    Assistant,
    Engine,
    Late,
    Served,
    Spread,
    Surge,
    Took,
    Visit,
)
from helpline.evaluation.files import TopicCase, TopicFile
from helpline.evaluation.generated import put

TEXTS = ["What is tolerance?", "hi", "my friend isnt breathing and her lips are blue"]
FAST, SLOW = Spread(1.0, 2.0, 0.5), Spread(10.0, 20.04, 5.0)


def assistant(right: float, turn: Spread) -> Assistant:
    """An assistant whose shares are all alike, and whose times follow its turns'."""
    shares, served = dict.fromkeys(SHARES, right), Served(turn.p50, turn.p95, 100 / turn.p50, 1.0)
    return Assistant(shares, Took(turn.p50, turn.p95), Took(90.4, 4.26), 1_234_500_000, turn, served)


# --- the stock configuration


def test_it_is_the_pipeline_and_the_policies_of_rasa_init() -> None:
    config = stock.stock_config()
    assert [part["name"] for part in config["pipeline"]] == [
        "WhitespaceTokenizer", "RegexFeaturizer", "LexicalSyntacticFeaturizer", "CountVectorsFeaturizer",
        "CountVectorsFeaturizer", "DIETClassifier", "EntitySynonymMapper", "ResponseSelector", "FallbackClassifier",
    ]  # fmt: skip
    policies = [part["name"] for part in config["policies"]]
    assert policies == ["MemoizationPolicy", "RulePolicy", "UnexpecTEDIntentPolicy", "TEDPolicy"]
    assert [part["epochs"] for part in (*config["pipeline"], *config["policies"]) if "epochs" in part] == [100] * 4


def test_what_a_new_project_sets_itself_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path, content in (
        (stock._PROJECT, "pipeline: [own]\npolicies:\n"),
        (stock._DEFAULT, "pipeline: [p]\npolicies: [q]\n"),
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(content)
    monkeypatch.setattr(stock, "_rasa", lambda: tmp_path)
    assert stock.stock_config() == {"pipeline": ["own"], "policies": ["q"], "assistant_id": "stock"}


# --- a copy in which nothing is trained


def test_a_copy_has_the_data_and_nothing_trained(checkout: Path, tmp_path: Path) -> None:
    for name in ("credentials.yml", "endpoints.yml", "requirements.lock"):
        (checkout / name).write_text("{}")
    for folder in ("models", "site", "widget"):
        (checkout / folder).mkdir()
    (checkout / "models" / "risk-old.npz").touch()
    (checkout / ".cache").mkdir()
    copy = copy_checkout(tmp_path / "copy", {"pipeline": []}, checkout)
    assert (copy / "data" / "nlu" / "greet.yml").read_bytes() == (checkout / "data" / "nlu" / "greet.yml").read_bytes()
    assert list((copy / "models").iterdir()) == []
    assert not (copy / ".cache").exists()
    assert yaml.safe_load((copy / "config.yml").read_text()) == {"pipeline": []}


def test_both_learn_from_the_same_few_examples(tmp_path: Path) -> None:
    lines = [f"- question {number}: why?\n" for number in range(9)]
    for name, order in (("first", lines), ("second", lines[::-1])):
        (tmp_path / name).mkdir()
        # In two blocks, as two writers leave them.
        blocks = [{"intent": "why", "examples": "".join(half)} for half in (order[:3], order[3:])]
        content = {"version": "3.1", "nlu": blocks}
        (tmp_path / name / "why.yml").write_text(yaml.safe_dump(content))
        thin_out(tmp_path / name, 4)
    first, second = ((tmp_path / name / "why.yml").read_text() for name in ("first", "second"))
    assert first == second
    [block] = yaml.safe_load(first)["nlu"]
    kept = block["examples"].splitlines(keepends=True)
    assert len(kept) == 4
    assert set(kept) < set(lines)


def test_a_command_runs_with_the_copys_own_code_and_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_PORT", "1")
    (tmp_path / "helpline").mkdir()
    (tmp_path / "helpline" / "__init__.py").touch()
    told = (
        "import os, sys; assert 'HELPLINE_PORT' not in os.environ; "
        "open(sys.argv[1], 'w').write(os.environ['HELPLINE_VAR'])"
    )
    (tmp_path / "helpline" / "tell.py").write_text(told)
    took = run_in(tmp_path, "helpline.tell", ["said"])
    assert (tmp_path / "said").read_text() == str(tmp_path / "var")
    assert took.clock > 0


def test_a_command_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise SystemExit('no such thing')")
    with pytest.raises(BenchFailed, match=r"broken ended with status 1: no such thing"):
        run_in(tmp_path, "broken", [])


# --- texts and examples


def test_texts_are_mixed_and_always_alike() -> None:
    cases = [TopicCase(str(number), f"text {number}", "tolerance") for number in range(20)]
    file = TopicFile(cases[:10], cases[10:15], cases[15:])
    mixed = in_mixed_order(file)
    assert sorted(mixed) == sorted(case.text for case in cases)
    assert mixed != [case.text for case in cases]
    assert mixed == in_mixed_order(TopicFile(cases[:10][::-1], cases[10:15], cases[15:]))


def test_examples_are_of_all_files_that_are_for_rasa(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# For people")
    for intent, said in (("greet", "hi"), ("deny", "no")):
        content = {"version": "3.1", "nlu": [{"intent": intent, "examples": f"- {said}\n- {said} there\n"}]}
        (tmp_path / f"{intent}.yml").write_text(yaml.safe_dump(content))
    found = [(example.get("intent"), example.get("text")) for example in examples_of(tmp_path).intent_examples]
    assert sorted(found) == [("deny", "no"), ("deny", "no there"), ("greet", "hi"), ("greet", "hi there")]


# --- engines


def test_the_plain_engine_gives_what_the_product_gives() -> None:
    """Both have length 1, so their product is the cosine; the product's integers cost a little."""
    plain = Plain(adapter.applied(load_file(weights.verified_weights()))).encode(TEXTS)
    assert plain.dtype == np.float32
    assert cosines(plain, shared_encoder().encode(TEXTS)).min() > 0.97


def test_cosines_are_of_row_with_row() -> None:
    assert cosines(np.eye(2), np.array([[0.0, 1.0], [0.0, 1.0]])).tolist() == [0.0, 1.0]


def test_an_engine_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ctranslate2", None)
    with pytest.raises(ImportError):
        ctranslate.CTranslate(tmp_path, "int8", {})


# --- times and memory


def test_a_spread_is_of_percentiles_in_milliseconds() -> None:
    spread = Spread.of([Took(number / 1000, number / 2000) for number in range(101)])
    assert (spread.p50, spread.p95, spread.processor) == (pytest.approx(50), pytest.approx(95), pytest.approx(25))


def test_a_watched_method_does_the_same_and_is_counted_once() -> None:
    class Worker:
        def work(self, number: int) -> int:
            return sum(range(number))

    with watch_on(Worker, "work") as since:
        assert Worker().work(10**6) == sum(range(10**6))
        assert since().clock > 0
        assert since() == Took(0, 0)
    assert "watched" not in Worker.work.__code__.co_name


def test_a_watch_tells_both_kinds_of_seconds() -> None:
    watch = Watch()
    sum(range(10**6))
    assert watch.took().clock > 0
    assert watch.took().processor > 0


def test_the_peak_of_memory_is_that_of_a_python_process() -> None:
    assert 10**7 < peak_memory() < 10**11


# --- the page


def test_only_the_part_between_its_markers_is_replaced() -> None:
    text = "a\n<!-- one -->\nold\n<!-- /one -->\n<!-- two -->\nkept\n<!-- /two -->\n"
    assert put(text, "one", r"new \1") == text.replace("old", r"new \1")
    with pytest.raises(ValueError, match="no markers <!-- three -->"):
        put(text, "three", "new")


def test_who_is_ahead_hangs_on_what_is_good() -> None:
    assert page.ahead(0.9, 0.8, high_is_good=True) == OURS
    assert page.ahead(9.0, 8.0, high_is_good=False) == STOCK
    assert page.ahead(1.0, 1.0, high_is_good=True) == "-"


def test_the_table_of_assistants_has_each_figure_of_both() -> None:
    lines = page.assistants_table({OURS: assistant(0.944, SLOW), STOCK: assistant(0.8, FAST)}).splitlines()
    assert lines[:3] == [
        "| figure | ours | `rasa init` | ahead |",
        "| --- | --: | --: | --: |",
        "| right topic | 94.4% | 80.0% | ours |",
    ]
    assert "| most memory | 1,234 MB | 1,234 MB | - |" in lines
    assert "| from start to the first answer, by the clock | 90 s | 90 s | - |" in lines
    assert "| a turn, p95 | 20.0 ms | 2.0 ms | stock |" in lines
    assert len(lines) == 2 + len(page.FIGURES)


def test_the_table_of_engines_says_what_is_not_installed() -> None:
    engine = Engine(FAST, 0.98, 0.995, 0.9)
    lines = page.engines_table({EXACT: engine, "Other": engine, "Missing": None}).splitlines()[2:]
    assert lines == [
        f"| {EXACT} | 1.0 ms | 2.0 ms | 0.5 ms | - | - | 90.0% |",
        "| Other | 1.0 ms | 2.0 ms | 0.5 ms | 0.9800 | 0.9950 | 90.0% |",
        "| Missing | not installed | - | - | - | - | - |",
    ]


def test_the_table_of_a_turn_has_each_part() -> None:
    lines = page.turn_table({"whole": SLOW, "of it, the encoder": FAST}).splitlines()[2:]
    assert lines == ["| whole | 10.0 ms | 20.0 ms | 5.0 ms |", "| of it, the encoder | 1.0 ms | 2.0 ms | 0.5 ms |"]


def test_the_table_of_a_long_conversation_compares_with_its_first_row() -> None:
    lines = page.growth_table(
        [Late(10, 50.0, 40.0, 700_000_000), Late(2000, 60.0, 50.0, 710_000_000)], "turn"
    ).splitlines()
    assert lines[0] == "| turn | p50 | to turn 10 | processor, mean | to turn 10 | memory |"
    assert lines[2:] == [
        "| 10 | 50.0 ms | 1.00 | 40.0 ms | 1.00 | 700 MB |",
        "| 2,000 | 60.0 ms | 1.20 | 50.0 ms | 1.25 | 710 MB |",
    ]


def test_a_step_of_load_holds_while_answers_are_quick_and_none_is_lost() -> None:
    step = Surge(rate=30, messages=1800, p50=0.2, p95=0.9, p99=1.9, lost=0, lively=1000)
    assert load.held(step)
    for worse in ({"p95": 1.1}, {"p99": 2.1}, {"lost": 1}):
        assert not load.held(replace(step, **worse))
    assert page.load_table([step]).splitlines()[2] == "| 30 | 1,800 | 0.20 s | 0.90 s | 1.90 s | 0 | 1,000 |"


def test_the_table_of_the_console_has_times_and_queries() -> None:
    lines = page.console_table({"/": Visit(SLOW, 8)}).splitlines()
    assert lines[0] == "| page | p50 | p95 | processor, p50 | queries |"
    assert lines[2:] == ["| `/` | 10.0 ms | 20.0 ms | 5.0 ms | 8 |"]


def test_the_heading_says_how_when_and_on_what() -> None:
    assert page.heading("make bench", "a machine", date(2030, 1, 2)) == "`make bench`, 2030-01-02. a machine.\n"


def test_the_machine_is_named_by_its_processor_and_versions() -> None:
    assert model_of("processor : 0\nmodel name\t: Some Processor 9\nflags : a b\n") == "Some Processor 9"
    assert model_of("processor : 0\n")
    assert re.search(
        r", \d+ cores, \d+ GB; Python 3\.10\.\d+, Rasa 3\.6\.21, .*; load \d+\.\d at the start$", describe()
    )


def test_each_part_of_the_page_says_how_it_was_measured_or_that_it_was_not() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert "`make bench`" in text
    parts = (("assistants", "figure"), ("turn", "what"), ("encoders", "engine"), ("console", "page"))
    for part, first in parts:
        between = re.search(f"<!-- {part} -->\n(.*)\n<!-- /{part} -->", text, re.DOTALL)
        assert between, part
        if between[1] != "Not measured yet.":
            assert re.search(r"^`(make bench|helpline bench --only \w+)`, \d{4}-\d\d-\d\d\. .* cores", between[1]), part
            assert f"| {first} |" in between[1], part
