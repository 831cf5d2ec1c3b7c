"""`helpline teach`, with its progress shown."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from helpline.paths import ROOT
from helpline.teaching.teach import teach


def teach_with_progress() -> None:
    """Teach the encoder; minutes on a quiet machine."""
    console = Console(stderr=True)
    columns = (TextColumn("teaching"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("loss {task.fields[loss]:.3f}"), console=console) as progress:
        task = progress.add_task("", total=None, loss=float("nan"))
        path = teach(done=lambda step, steps, loss: progress.update(task, completed=step, total=steps, loss=loss))
    console.print(f"Wrote {path.relative_to(ROOT)}. Run `make train` and `make evaluate`, then commit it.")
