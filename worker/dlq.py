"""`winnow dlq`: dead letters listed, shown, and replayed."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
import typer
from pydantic import TypeAdapter, ValidationError

from worker.config import Duration
from worker.config_file import load_settings
from worker.console import ConfigOption, fail, progress, run_async
from worker.errors import REASONS, STAGES
from worker.stream.dead_letter_topic import Filter, Letter, ReplayLimits, ReplayReport, read_letter, read_letters, replay

dlq = typer.Typer(help="The dead letters: pages that could not become articles.", no_args_is_help=True)

_SHOWN_BYTES = 2_000
_ESCAPES = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}  # control characters that JSON need not escape

Reasons = Annotated[list[str] | None, typer.Option("--reason", help=f"Only these, repeatable: {', '.join(REASONS)}.")]
Stages = Annotated[list[str] | None, typer.Option("--stage", help=f"Only these, repeatable: {', '.join(STAGES)}.")]
Since = Annotated[str | None, typer.Option(help="Failed at or after: ISO 8601 (UTC unless it says), or how long ago, such as 2h.")]
Until = Annotated[str | None, typer.Option(help="Failed before; as --since.")]


@dlq.command("list")
def list_(
    *,
    config: ConfigOption,
    reason: Reasons = None,
    stage: Stages = None,
    since: Since = None,
    until: Until = None,
    most: Annotated[int | None, typer.Option("--max", min=1, help="Stop after so many.")] = None,
    count: Annotated[bool, typer.Option("--count", help="Only how many there are of each stage and reason.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """One line a letter: place, time, stage, reason, replays, bytes, error."""
    wanted = _filter(reason, stage, since, until)
    settings = load_settings(config)
    logging.disable()
    counts: Counter[tuple[str, str]] = Counter()

    async def work() -> None:
        async for letter in read_letters(settings, wanted):
            counts[letter.stage or "-", letter.reason or "-"] += 1
            if not count:
                typer.echo(_json(_described(letter)) if as_json else _line(letter))
            if counts.total() == most:
                return

    run_async(work())
    if not count:
        return
    for (of_stage, of_reason), number in counts.most_common():
        row = {"stage": of_stage, "reason": of_reason, "count": number}
        typer.echo(_json(row) if as_json else _printable(f"{number:>8}  {of_stage:<8} {of_reason}"))


@dlq.command()
def show(
    place: Annotated[str, typer.Argument(metavar="PARTITION:OFFSET", help="As `list` prints it.")],
    config: ConfigOption,
    raw: Annotated[bool, typer.Option("--raw", help="Only the page's bytes, such as for `winnow extract -`.")] = False,
) -> None:
    """All that is known of one letter, and the beginning of its page."""
    try:
        partition, offset = (int(part) for part in place.split(":"))
    except ValueError:
        fail(f"{place} is no place; write PARTITION:OFFSET, such as 0:42", status=2)
    settings = load_settings(config)
    logging.disable()
    found: list[Letter] = []

    async def work() -> None:
        letter = await read_letter(settings, partition, offset)
        if letter is not None:
            found.append(letter)

    run_async(work())
    if not found:
        fail(f"{settings.dead_letters.topic} has no letter at {place}", status=1)
    (letter,) = found
    payload = letter.payload or b""
    if raw:
        sys.stdout.buffer.write(payload)
        return
    typer.echo(f"key: {letter.key!r}")
    for name, value in letter.headers:
        _echo(f"{name}: {value.decode('utf-8', 'backslashreplace')}")
    _echo(f"\n{payload[:_SHOWN_BYTES].decode('utf-8', 'backslashreplace')}")
    if len(payload) > _SHOWN_BYTES:
        typer.echo(f"\n... {len(payload)} bytes in all; --raw writes them")


@dlq.command("replay")
def replay_(
    *,
    config: ConfigOption,
    reason: Reasons = None,
    stage: Stages = None,
    since: Since = None,
    until: Until = None,
    most: Annotated[int | None, typer.Option("--max", min=1, help="Stop after so many.")] = None,
    rate: Annotated[float, typer.Option(min=0.0, help="Letters a second; 0 is as fast as it goes.")] = 100.0,
    max_replays: Annotated[int, typer.Option(min=1, help="Leave a page that has been replayed so often.")] = 3,
    again: Annotated[bool, typer.Option("--again", help="Also what the same call has replayed before.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be replayed.")] = False,
) -> None:
    """Send pages back to the input topics that they came from, to be read once more.

    The letters stay in their topic.  The same call goes on after the last letter that it has replayed, for as long as the brokers
    remember a group's offsets (offsets.retention.minutes, a week by default); after that give --since.
    """
    wanted = _filter(reason, stage, since, until)
    settings = load_settings(config)
    logging.disable()
    limits = ReplayLimits(most=most, rate=rate or None, replays=max_replays)
    memory = repr((sorted(reason or ()), sorted(stage or ()), since, until))
    reports: list[ReplayReport] = []
    with progress() as bars:
        bar = bars.add_task("", total=most)

        async def work() -> None:
            def on_letter(letter: Letter) -> None:
                bars.update(bar, advance=1, description=str(letter.ref))

            reports.append(await replay(settings, wanted, limits, memory=memory, dry_run=dry_run, again=again, on_letter=on_letter))

        run_async(work())
    typer.echo(f"{'dry run: ' if dry_run else ''}{reports[0]}")


def _filter(reasons: list[str] | None, stages: list[str] | None, since: str | None, until: str | None) -> Filter:
    for given, known, what in ((reasons, REASONS, "reason"), (stages, STAGES, "stage")):
        for word in given or ():
            if word not in known:
                fail(f"--{what} {word} is not known; it is one of {', '.join(known)}", status=2)
    return Filter(frozenset(reasons or ()), frozenset(stages or ()), _time(since, "--since"), _time(until, "--until"))


def _time(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.now(UTC) - timedelta(seconds=TypeAdapter(Duration).validate_python(text))
    except (ValidationError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text} is neither a time such as 2026-11-23T04:00 nor a duration such as 2h", status=2)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _json(row: dict[str, object]) -> bytes:
    return orjson.dumps(row).decode().translate(_ESCAPES).encode()


def _echo(text: str) -> None:
    """Print what a page may have had a hand in: to a terminal without the characters that steer it, elsewhere as it is."""
    typer.echo(_printable(text.replace("\r\n", "\n"), but="\n\t\xa0") if sys.stdout.isatty() else text)


def _printable(text: str, *, but: str = "") -> str:
    return "".join(character if character.isprintable() or character in but else "\N{REPLACEMENT CHARACTER}" for character in text)


def _line(letter: Letter) -> str:
    place = f"{letter.ref.partition}:{letter.ref.offset}"
    failed_at = letter.failed_at.isoformat(timespec="seconds") if letter.failed_at else "-"
    replays = letter.origin.replays if letter.origin else 0
    error = " ".join(letter.error.split())
    size = len(letter.payload or b"")
    line = f"{place:<12} {failed_at}  {letter.stage or '-':<8} {letter.reason or '-':<22} {replays:>2} {size:>9}  {error}"
    return _printable(line)


def _described(letter: Letter) -> dict[str, object]:
    origin = letter.origin
    return {
        "partition": letter.ref.partition,
        "offset": letter.ref.offset,
        "failed_at": letter.failed_at,
        "stage": letter.stage,
        "reason": letter.reason,
        "error": letter.error,
        "replays": origin.replays if origin else None,
        "origin": origin.ref._asdict() if origin else None,
        "key": letter.key.decode("utf-8", "replace") if letter.key is not None else None,
        "payload_bytes": len(letter.payload or b""),
        "cut": letter.cut,
    }
