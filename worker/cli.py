"""The verbs of `winnow`, and nothing else.

Exit status: 0 done, 1 something failed (a page, a probe, the worker), 2 the call or the configuration is at fault.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from worker import __version__
from worker.article import COMPILED
from worker.backfilling import backfill, backfill_job, backfill_settings
from worker.config import DedupSettings, LoggingSettings, Settings
from worker.config_file import load_settings
from worker.console import ConfigOption, fail, open_missing_streams, progress, run_async
from worker.dedup import open_store
from worker.dedup.sqlite import see_that_it_can_be_made
from worker.dlq import dlq
from worker.errors import ClaimStoreUnavailable, ConfigError, WinnowError
from worker.extracting import Described, extract_pages
from worker.logs import configure_logging
from worker.records import Outcome, Settlement
from worker.service import serve
from worker.stream.topics import Finding, create_topics, probe
from worker.stream.transactions import probe_transactions

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

app = typer.Typer(
    name="winnow",
    help="Raw scraped news pages in, normalized and deduplicated articles out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
topics = typer.Typer(help="The Kafka topics that the worker needs.", no_args_is_help=True)
app.add_typer(topics, name="topics")
app.add_typer(dlq, name="dlq")

OptionalConfig = Annotated[
    Path | None, typer.Option("--config", "-c", help="A YAML file; only its extraction settings matter here.")
]


def main() -> None:
    """Entry point of the command."""
    open_missing_streams()
    try:
        app()
    except ConfigError as error:
        fail(str(error), status=2)
    except WinnowError as error:
        fail(str(error), status=1)
    except OSError as error:
        if error.errno not in _FULL or error.filename is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left would be tried again at the exit
        fail(f"standard output can't be written: {error.strerror}", status=1)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"winnow {__version__} ({'compiled' if COMPILED else 'interpreted'})")
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")] = False,
) -> None: ...


@app.command()
def run(config: ConfigOption) -> None:
    """Consume raw pages, publish articles, until SIGTERM or Ctrl-C."""
    settings = load_settings(config)
    configure_logging(settings.logging)
    run_async(serve(settings))


@app.command()
def check(
    config: ConfigOption,
    offline: Annotated[bool, typer.Option("--offline", help="Look at the file only; contact nothing.")] = False,
) -> None:
    """Say what is wrong in the configuration, by its lines, then whether Kafka and the dedup store answer."""
    settings = load_settings(config)
    typer.echo(f"{config}: every key is known and every value fits")
    if offline:
        return
    logging.disable()  # the findings say it all, and once
    findings: list[Finding] = []

    async def ask() -> None:
        asked = [probe(settings), _probe_store(settings.dedup)]
        if settings.processing_guarantee == "exactly_once":
            asked.append(probe_transactions(settings.kafka))
        for found in await asyncio.gather(*asked):
            findings.extend(found)

    run_async(ask())
    for finding in findings:
        typer.echo(f"{_mark(finding)} {finding.subject}: {finding.message}")
    if not all(finding.ok for finding in findings):
        sys.exit(1)


def _mark(finding: Finding) -> str:
    if not finding.ok:
        return typer.style("FAIL", fg="red")
    return typer.style("warn", fg="yellow") if finding.warning else typer.style("ok  ", fg="green")


async def _probe_store(settings: DedupSettings) -> list[Finding]:
    subject = f"dedup store ({settings.store})"
    store = open_store(settings)
    try:
        if settings.store == "sqlite" and not settings.sqlite.path.exists():
            see_that_it_can_be_made(settings.sqlite.path)
            return [Finding(ok=True, subject=subject, message=f"{settings.sqlite.path} is not there yet and can be made")]
        await store.start()
        warnings = await store.warnings()
    except ClaimStoreUnavailable as error:
        return [Finding(ok=False, subject=subject, message=str(error))]
    finally:
        await store.close()
    return [
        Finding(ok=True, subject=subject, message="takes claims"),
        *(Finding(ok=True, subject=subject, message=warning, warning=True) for warning in warnings),
    ]


@topics.command("create")
def create(
    config: ConfigOption,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of each new topic: the most workers that can share it.")] = 12,
    replication_factor: Annotated[
        int, typer.Option(min=-1, max=32767, help="Copies of each partition; -1 is the broker's default.")
    ] = -1,
) -> None:
    """Create the topics that are missing; those that exist are left as they are."""
    settings = load_settings(config)
    logging.disable()  # what fails is said once, by the error that ends the command

    async def make() -> None:
        for report in await create_topics(settings, partitions=partitions, replication_factor=replication_factor):
            typer.echo(str(report))

    run_async(make())


@app.command()
def extract(
    source: Annotated[
        str, typer.Argument(help="A page, a folder of pages, JSON lines, a WARC, or - for a page on standard input.")
    ],
    url: Annotated[str | None, typer.Option(help="The page's address; links are resolved against it.")] = None,
    content_type: Annotated[str | None, typer.Option(help="Its Content-Type, where the file's name does not tell.")] = None,
    content_encoding: Annotated[str | None, typer.Option(help="Its Content-Encoding, likewise: gzip, br, zstd, deflate.")] = None,
    config: OptionalConfig = None,
) -> None:
    """Print one JSON article a line, in the order of the input.  A page that fails is named on standard error."""
    settings = load_settings(config) if config else Settings()
    configure_logging(LoggingSettings(level="error"))
    failed = 0
    described = Described(url=url, content_type=content_type, content_encoding=content_encoding)

    async def work() -> None:
        nonlocal failed
        async for name, extraction in extract_pages(source, settings, described):
            if extraction.article is not None:
                sys.stdout.buffer.write(extraction.article + b"\n")
                sys.stdout.buffer.flush()
            elif extraction.error is not None:
                failed += 1
                typer.echo(f"winnow: {name}: {extraction.error.reason}: {extraction.error}", err=True)

    try:
        run_async(work())
    except BrokenPipeError:  # the reader has seen enough
        sys.stderr.close()
        sys.exit(0)
    if failed:
        sys.exit(1)


@app.command("backfill")
def backfill_files(
    inputs: Annotated[list[Path], typer.Argument(help="Folders of pages, pages, JSON lines (.gz, .zst), WARC files.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="JSON lines; .gz or .zst packs them.")],
    dead_letters: Annotated[Path | None, typer.Option(help="Pages that failed [default: OUTPUT.dead-letters.jsonl].")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="A YAML file. Kafka is not used, claims are the job's own.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Start over, whatever an earlier run has written.")] = False,
) -> None:
    """Run the worker's loop from files to a file.  The same call goes on where a run that was stopped or killed had got to."""
    given = load_settings(config) if config else None
    job = backfill_job(inputs, output, dead_letters, overwrite=overwrite)
    settings = backfill_settings(given, job)
    configure_logging(settings.logging)
    counts = dict.fromkeys(Outcome, 0)
    damaged: list[str] = []

    async def work(on_settled: Callable[[Settlement], None]) -> None:
        damaged.extend(await backfill(settings, job, on_settled=on_settled))

    with progress() as bars:
        bar = bars.add_task("", total=None)

        def on_settled(settlement: Settlement) -> None:
            counts[settlement.outcome] += 1
            bars.update(bar, advance=1, description=_tally(counts))

        run_async(work(on_settled))
    state = "done" if job.checkpoint.complete else "stopped; the same command goes on from here"
    typer.echo(f"{state}: {_tally(counts)}; {output}", err=True)
    for damage in damaged:
        typer.echo(f"winnow: damaged input: {damage}", err=True)
    if damaged or not job.checkpoint.complete:
        sys.exit(1)


def _tally(counts: dict[Outcome, int]) -> str:
    return (
        ", ".join(f"{count} {outcome.value.replace('_', '-')}" for outcome, count in counts.items() if count) or "nothing settled"
    )
