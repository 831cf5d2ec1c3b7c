"""The documentation says what the code does; each check would tell of the fault that it is for."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from helpline import cli
from helpline.datafiles import read_yaml
from helpline.paths import ROOT

EXAMPLES = ROOT / "data" / "nlu" / "README.md"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), EXAMPLES]
OPERATE, README, FLOW = ROOT / "docs" / "operate.md", ROOT / "README.md", ROOT / "docs" / "flow.md"
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FUNCTION = re.compile(r"`([\w./-]+\.py):([\w.]+)`")
_FOLDERS = {"actions", "data", "deploy", "docs", "helpline", "site", "tests", "widget", ".ci"}
_ROW = re.compile(r"^\| `(HELPLINE_[A-Z_]+)` \| (.*?) \|", re.MULTILINE)


# --- what the code has


def settings_in_code() -> set[str]:
    """Every setting that Python or a configuration file reads, by its name."""
    python = "\n".join(path.read_text() for folder in ("helpline", "actions") for path in (ROOT / folder).rglob("*.py"))
    other = "\n".join((ROOT / name).read_text() for name in ("endpoints.yml", "credentials.yml", "Makefile"))
    return set(re.findall(r"""["'](HELPLINE_[A-Z_]+)["']""", python)) | set(re.findall(r"\{(HELPLINE_[A-Z_]+)", other))


def defaults_in_code() -> dict[str, str]:
    """The defaults of the settings that `settings.py` reads as a number or as names, as the page writes them."""
    found = {}
    for node in ast.walk(ast.parse((ROOT / "helpline" / "settings.py").read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _READERS:
            name, *default = [str(one.value) for one in node.args if isinstance(one, ast.Constant)] or [""]
            if name.startswith("HELPLINE_"):
                found[name] = f"`{default[0]}`" if default else "empty"
    return found


_READERS = {"environment.number", "environment.whole", "environment.names"}


def make_targets() -> dict[str, str]:
    """The targets that `make help` lists, with what they do."""
    return dict(re.findall(r"^([a-z-]+):.*## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE))


def subcommands() -> dict[str, str]:
    """The subcommands of `helpline`, with what they do."""
    actions = cli._parser()._actions
    [commands] = [action for action in actions if isinstance(action, argparse._SubParsersAction)]
    return {str(choice.dest): str(choice.help) for choice in commands._choices_actions}


@lru_cache
def names_in(path: Path) -> frozenset[str]:
    """The functions, classes and methods that a Python file defines; methods as `Class.method`."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    top = [node for node in ast.parse(path.read_text()).body if isinstance(node, kinds)]
    inner = [f"{node.name}.{part.name}" for node in top for part in node.body if isinstance(part, kinds)]
    return frozenset([*(node.name for node in top), *inner])


# --- what a page has wrong


def wrong_settings(page: str) -> Iterator[str]:
    """Find settings without a row, rows without a setting, and rows with another default."""
    rows, read = dict(_ROW.findall(page)), settings_in_code()
    yield from (f"{name} has no row" for name in sorted(read - rows.keys()))
    yield from (f"{name} has a row, and nothing reads it" for name in sorted(rows.keys() - read))
    for name, default in defaults_in_code().items():
        if name in rows and rows[name] != default:
            yield f"{name}: the page says {rows[name]}, the code {default}"


def unknown_settings(page: str) -> Iterator[str]:
    """Find settings that are spoken of and that nothing reads."""
    yield from sorted(set(re.findall(r"HELPLINE_[A-Z_]*[A-Z]", page)) - settings_in_code())


def wrong_commands(page: str, prefix: str, known: dict[str, str]) -> Iterator[str]:
    """Find commands without a row in the table, or with other words than the command has of itself."""
    for name, text in known.items():
        if f"| `{prefix} {name}` | {text} |" not in page:
            yield f"{prefix} {name} has no row that says {text!r}"


def unknown_commands(page: str) -> Iterator[str]:
    """Find commands that are spoken of, in a span or a block of code, and that are not there."""
    for prefix, known in (("make", make_targets()), ("helpline", subcommands())):
        for name in re.findall(rf"(?:`|^|/|[;&] ){prefix} ([a-z-]+)(?=[` \n])", page, re.MULTILINE):
            if name not in known:
                yield f"{prefix} {name}"


def broken_links(page: str, folder: Path) -> Iterator[str]:
    """Find links to files or headings that are not there; other websites are not asked."""
    for link in _LINK.findall(page):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, heading = link.partition("#")
        target = folder / file
        there = target.exists()
        if there and heading:
            there = heading in headings(target.read_text() if file else page)
        if not there:
            yield link


def headings(page: str) -> set[str]:
    """The anchors of a page's headings."""
    lines = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


def missing_files(page: str) -> Iterator[str]:
    """Find files and folders of the checkout that are named and not there; `<name>` stands for any."""
    for span in _SPAN.findall(page):
        path = re.sub(r"<[^>]+>", "*", span.split(":")[0])
        in_folder = "/" in path and path.split("/")[0] in _FOLDERS
        at_root = re.fullmatch(r"[\w-]+\.(py|md|yml|toml|lock)", path)
        if " " not in path and (in_folder or at_root) and not any(ROOT.glob(path.rstrip("/"))):
            yield span


def wrong_rows(page: str) -> Iterator[str]:
    """Find intents of the domain without a row of their own, and rows of what is no intent."""
    cells = re.findall(r"^\| (`[^|]*) \|", page, re.MULTILINE)
    rows = [name for cell in cells for name in _SPAN.findall(cell)]
    known = set(read_yaml(ROOT / "domain.yml")["intents"]) - {"nlu_fallback"}
    yield from (f"{name} has no row" for name in sorted(known - set(rows)))
    yield from (f"{name} has a row, and is no intent" for name in sorted(set(rows) - known))
    yield from (f"{name} has two rows" for name in sorted(name for name in known if rows.count(name) > 1))


def unknown_intents(page: str) -> Iterator[str]:
    """Find borders to an intent, and examples of one, that is none."""
    known = set(read_yaml(ROOT / "domain.yml")["intents"])
    named = re.findall(r"→ `(\w+)`", page) + re.findall(r'^\| ".*" \| `(\w+)` \|', page, re.MULTILINE)
    yield from sorted(set(named) - known)


def missing_functions(page: str) -> Iterator[str]:
    """Find `file.py:function` where the file has no such function, class or method."""
    for file, name in _FUNCTION.findall(page):
        path = ROOT / file
        if not path.is_file() or name not in names_in(path):
            yield f"{file}:{name}"


# --- the documentation is right


def test_every_setting_has_its_row_and_its_default() -> None:
    assert list(wrong_settings(OPERATE.read_text())) == []


def test_the_readme_has_every_make_target_in_its_own_words() -> None:
    assert list(wrong_commands(README.read_text(), "make", make_targets())) == []


def test_the_readme_has_every_subcommand_in_its_own_words() -> None:
    assert list(wrong_commands(README.read_text(), "helpline", subcommands())) == []


def test_the_flow_names_a_function_at_every_hop() -> None:
    hops = re.findall(r"^\d+\. (.*)", FLOW.read_text(), re.MULTILINE)
    assert len(hops) > 10
    assert [hop for hop in hops if not _FUNCTION.search(hop)] == []


def test_every_intent_has_its_row_and_every_border_leads_to_one() -> None:
    page = EXAMPLES.read_text()
    assert list(wrong_rows(page)) == []
    assert list(unknown_intents(page)) == []
    assert page.count("→ `") > 30


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_all_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    assert list(broken_links(text, page.parent)) == []
    assert list(missing_files(text)) == []
    assert list(missing_functions(text)) == []
    assert list(unknown_settings(text)) == []
    assert list(unknown_commands(text)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "decisions").iterdir()), ids=lambda path: path.stem)
def test_a_decision_is_numbered_short_and_complete(path: Path) -> None:
    text = path.read_text()
    number = re.match(r"(\d{4})-[a-z-]+\.md", path.name)
    assert number, "named as 0001-what-was-decided.md"
    assert text.startswith(f"# {int(number[1])}. ")
    assert "\nStatus: " in text
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 40


# --- the checks can fail


def test_a_setting_without_a_row_is_told() -> None:
    page = OPERATE.read_text().replace("| `HELPLINE_VAR` |", "| HELPLINE_VAR |")
    assert list(wrong_settings(page)) == ["HELPLINE_VAR has no row"]


def test_a_row_that_nothing_reads_is_told() -> None:
    page = OPERATE.read_text() + "| `HELPLINE_NOTHING` | `1` | none |\n"
    assert list(wrong_settings(page)) == ["HELPLINE_NOTHING has a row, and nothing reads it"]


def test_another_default_is_told() -> None:
    page = OPERATE.read_text().replace("| `HELPLINE_PORT` | `5005` |", "| `HELPLINE_PORT` | `5006` |")
    assert list(wrong_settings(page)) == ["HELPLINE_PORT: the page says `5006`, the code `5005`"]


def test_a_row_too_few_or_too_many_is_told() -> None:
    page = EXAMPLES.read_text().replace("| `tolerance` |", "| `patience` |") + "\n| `relapse_rate` | again | |\n"
    assert list(wrong_rows(page)) == [
        "tolerance has no row",
        "patience has a row, and is no intent",
        "relapse_rate has two rows",
    ]


def test_other_words_for_a_command_are_told() -> None:
    readme = README.read_text()
    told = list(wrong_commands(readme.replace("Lint, type-check", "Lint"), "make", make_targets()))
    assert told == ["make check has no row that says 'Lint, type-check, and check all data'"]
    told = list(wrong_commands(readme.replace("| `helpline train`", "| train"), "helpline", subcommands()))
    assert told == ["helpline train has no row that says 'Train what is not trained for the present data.'"]


@pytest.mark.parametrize(
    "check, text, told",
    [
        (unknown_settings, "set `HELPLINE_NOTHING=1`", "HELPLINE_NOTHING"),
        (unknown_commands, "run `make nothing`", "make nothing"),
        (unknown_commands, "```sh\nmake nothing\n```", "make nothing"),
        (unknown_commands, "```sh\n.venv/bin/helpline nothing --now\n```", "helpline nothing"),
        (missing_files, "see `helpline/nothing.py`", "helpline/nothing.py"),
        (missing_files, "see `data/nothing/<topic>.yml`", "data/nothing/<topic>.yml"),
        (missing_files, "see `nothing.yml`", "nothing.yml"),
        (missing_functions, "in `helpline/cli.py:nothing`", "helpline/cli.py:nothing"),
        (missing_functions, "in `helpline/nothing.py:main`", "helpline/nothing.py:main"),
        (missing_functions, "in `helpline/intake/order.py:Order.nothing`", "helpline/intake/order.py:Order.nothing"),
        (unknown_intents, "not this → `nothing`", "nothing"),
        (unknown_intents, '| "hm" | `nothing` | because |', "nothing"),
        (lambda text: broken_links(text, ROOT), "[a](docs/nothing.md)", "docs/nothing.md"),
        (lambda text: broken_links(text, ROOT), "[a](README.md#nothing)", "README.md#nothing"),
        (lambda text: broken_links(text, ROOT), "# Here\n[a](#there)", "#there"),
    ],
)
def test_what_is_not_there_is_told(check, text: str, told: str) -> None:
    assert list(check(text)) == [told]
