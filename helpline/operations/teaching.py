"""`helpline teach`, with its progress shown."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from helpline.paths import ROOT
from helpline.teaching.teach import ANEW, FURTHER, teach


def teach_with_progress(further: bool) -> None:
    """Teach the encoder, from the beginning or further; an hour or two."""
    console = Console(stderr=True)
    columns = (TextColumn("teaching"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("loss {task.fields[loss]:.3f}"), console=console) as progress:
        task = progress.add_task("", total=None, loss=float("nan"))

        def show(step: int, steps: int, loss: float) -> None:
            progress.update(task, completed=step, total=steps, loss=loss)

        path = teach(done=show, course=FURTHER if further else ANEW)
    console.print(f"Wrote {path.relative_to(ROOT)}. Run `make train` and `make evaluate`, then commit it.")
