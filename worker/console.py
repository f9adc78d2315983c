"""What the verbs share: the option that names the configuration, the event loop, failure, and progress."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from worker import heap

_new_event_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
with suppress(ImportError):  # not built for every platform
    import uvloop

    _new_event_loop = uvloop.new_event_loop

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The YAML file; config.example.yaml names every key.")]


def open_missing_streams() -> None:
    """Put the null device in place of standard streams that are closed: the next file to be opened would be taken for one."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))


def run_async(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on the fastest event loop there is."""
    heap.settle()
    with asyncio.Runner(loop_factory=_new_event_loop) as runner:
        runner.run(work)


def fail(message: str, *, status: int) -> NoReturn:
    """Say why on standard error, and end."""
    typer.echo(f"winnow: {message}", err=True)
    sys.exit(status)


def progress() -> Progress:
    """A bar on standard error, at a terminal only."""
    return Progress(
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
