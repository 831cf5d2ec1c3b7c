"""Rasa works without TensorFlow, and says so where it is needed."""

import subprocess
import sys

import pytest

from helpline.operations.training import quiet_environment
from helpline.paths import ROOT

# What stands in for it comes from no file.
LOADED = (
    "files = [getattr(one, '__file__', '') or '' for one in list(sys.modules.values())]\n"
    "print(any('site-packages/tensorflow/' in file for file in files))"
)
LEFT_OUT = "import sys; from helpline import lean_rasa; lean_rasa.leave_out()\n"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=quiet_environment(), capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("where", ["rasa.core.agent", "rasa.engine.recipes.default_components", "rasa.__main__"])
def test_what_is_served_is_imported_without_it(where: str) -> None:
    ended = run("-c", f"{LEFT_OUT}import {where}\n{LOADED}")
    assert ended.stdout.split()[-1:] == ["False"], ended.stderr


def test_a_component_that_needs_it_says_so_and_names_itself() -> None:
    ended = run(
        "-c",
        f"{LEFT_OUT}from rasa.utils.tensorflow.layers import DenseForSparse\n"
        "try: DenseForSparse(units=1, reg_lambda=0.1)\n"
        "except RuntimeError as error: print(error)",
    )
    assert "DenseForSparse needs TensorFlow, which is left out here" in ended.stdout, ended.stderr


def test_where_it_is_loaded_already_it_stays() -> None:
    code = "import sys, tensorflow; from helpline import lean_rasa; lean_rasa.leave_out()\n"
    ended = run("-c", f"{code}import tensorflow.keras\nprint(tensorflow.constant(2).numpy() + 1)")
    assert ended.stdout.split()[-1:] == ["3"], ended.stderr


def test_rasas_own_command_takes_its_own_arguments() -> None:
    ended = run("-m", "helpline.lean_rasa", "--version")
    assert "Rasa Version" in ended.stdout, ended.stderr
