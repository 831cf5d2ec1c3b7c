"""`helpline teach`, with its progress shown."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from helpline.paths import ROOT
from helpline.teaching.teach import teach, teach_further


def teach_with_progress(*, further: bool) -> None:
    """Teach the encoder all messages, hours; or only what it was not taught yet, minutes."""
    console = Console(stderr=True)
    learn = teach_further if further else teach
    columns = (TextColumn("teaching"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("loss {task.fields[loss]:.3f}"), console=console) as progress:
        task = progress.add_task("", total=None, loss=float("nan"))
        path = learn(done=lambda step, steps, loss: progress.update(task, completed=step, total=steps, loss=loss))
    console.print(f"Wrote {path.relative_to(ROOT)}. Run `make train` and `make evaluate`, then commit it.")
