"""The worker's loop from files to files: what `winnow backfill` does, and what it refuses."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from worker import __version__
from worker.config import DedupSettings, LoggingSettings, Settings, SqliteSettings
from worker.errors import ConfigError
from worker.metrics import Metrics
from worker.records import Settlement
from worker.service import Worker, signals_drain
from worker.stream.file_publisher import Checkpoint, FilePublisher, see_that_nobody_writes
from worker.stream.file_source import FileSource, Input, open_inputs

WINDOW_S: Final = 3650 * 86_400.0  # a backfill that goes on next month still knows what it wrote


@dataclass(frozen=True, slots=True)
class Backfill:
    """What `winnow backfill` was asked for."""

    inputs: Sequence[Input]
    output: Path
    dead_letters: Path
    checkpoint: Checkpoint


async def backfill(settings: Settings, job: Backfill, *, on_settled: Callable[[Settlement], None]) -> list[str]:
    """The same loop from files to files; returns what was wrong with the inputs.  A signal stops it where it can go on later.

    No breaker: whoever started it sees what becomes of the pages, and nothing piles up behind a pause.
    """
    settings = settings.model_copy(update={"dead_letters": settings.dead_letters.model_copy(update={"max_ratio": 1.0})})
    source = FileSource(job.inputs, max_bytes=settings.limits.payload_bytes, resume=job.checkpoint.offsets)
    files = {settings.output.topic: job.output, settings.dead_letters.topic: job.dead_letters}
    publisher = FilePublisher(files, job.checkpoint)
    worker = Worker(settings, source=source, publisher=publisher, metrics=Metrics(__version__), on_settled=on_settled)
    drained = asyncio.Event()
    async with signals_drain(worker, drained):
        await worker.run()
    if not drained.is_set():
        job.checkpoint.finish()
    return source.damaged


def backfill_settings(given: Settings | None, job: Backfill) -> Settings:
    """Claims are in a namespace of the job's own: neither what came through Kafka nor what an output held that is gone by now may
    make a duplicate of its pages.

    Without a configuration they live beside the output.
    """
    if given is None:
        claims = SqliteSettings(path=_claims_beside(job.output))
        dedup = DedupSettings(store="sqlite", sqlite=claims).model_copy(update={"window": WINDOW_S})
        given = Settings(dedup=dedup, logging=LoggingSettings(level="warning"))
    namespace = f"{given.dedup.namespace}.backfill.{job.checkpoint.job_id}"
    return given.model_copy(update={"dedup": given.dedup.model_copy(update={"namespace": namespace})})


def _claims_beside(output: Path) -> Path:
    return output.with_name(output.name + ".claims.sqlite")


def backfill_job(inputs: list[Path], output: Path, dead_letters: Path | None, *, overwrite: bool) -> Backfill:
    """The job, where it can be done: begun, or gone on with.

    Raises:
        ConfigError: an input can't be read or an output not written, one would be written over the other, or all is done.
    """
    if not output.name:
        raise ConfigError(f"{output} can't be written: it is a folder")
    letters = dead_letters or output.with_name(output.name + ".dead-letters.jsonl")
    opened = open_inputs(inputs)
    checkpoint = Checkpoint(output.with_name(output.name + ".checkpoint"), opened)
    written = [output, letters, checkpoint.path]
    try:
        for path in written:
            _refuse_unwritable(path)
    except OSError as error:  # a name that is too long, a folder that is closed
        raise ConfigError(f"the output can't be written: {error}") from error
    _refuse_overlap(inputs, written)
    if overwrite:
        see_that_nobody_writes(output)
        claims = _claims_beside(output)
        for path in (*written, *(claims.with_name(claims.name + end) for end in ("", "-wal", "-shm"))):
            path.unlink(missing_ok=True)
    if checkpoint.load() and checkpoint.complete:
        raise ConfigError(f"{output} is complete; give --overwrite to make it anew")
    return Backfill(opened, output, letters, checkpoint)


def _refuse_unwritable(path: Path) -> None:
    if not path.parent.is_dir():
        raise ConfigError(f"{path} can't be written: there is no folder {path.parent}")
    if path.exists() and not path.is_file():
        raise ConfigError(f"{path} can't be written: it is no regular file")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ConfigError(f"{path} can't be written: permission denied")


def _refuse_overlap(inputs: list[Path], written: list[Path]) -> None:
    """Nothing that is read may be written, nor two outputs into one file."""
    targets = [path.resolve() for path in written]
    if len(set(targets)) < len(targets):
        raise ConfigError("--output and --dead-letters must be different files")
    for source in inputs:
        for target in targets:
            if target == source.resolve() or source.resolve() in target.parents:
                raise ConfigError(f"{target} would be written and is, or lies in, the input {source}")
