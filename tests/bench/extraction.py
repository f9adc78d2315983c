"""What extraction costs beside trafilatura and beside parsing alone: CPU milliseconds a page, in one run.

    python -m tests.bench.extraction [FOLDER] [--repeat 5] [--json FILE]

FOLDER holds pages as `*.html` or `*.html.gz`; without it, pages are made of the size and mix of real ones.  Each engine reads all
pages in turn, several times over, and a page's least time counts, so that a busy machine disturbs it little.  What compares between
machines is the ratio.  trafilatura runs with metadata and without comments, as the article has neither without the other.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import trafilatura

from tests.bench.pages import load, saved
from tests.bench.rig import machine
from worker.article import extract_article
from worker.article.decode import decode
from worker.article.document import parse
from worker.errors import PageError

MADE = 60


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds a page."""

    mean: float
    p50: float
    p95: float
    p99: float


def winnow(payload: bytes, url: str) -> None:
    extract_article(payload, url)


def trafilatura_with_metadata(payload: bytes, url: str) -> None:
    trafilatura.bare_extraction(payload, url=url, with_metadata=True, include_comments=False)


def parsing(payload: bytes, url: str) -> None:
    parse(decode(payload, None).text, url)


ENGINES: dict[str, Callable[[bytes, str], None]] = {
    "winnow": winnow,
    "trafilatura": trafilatura_with_metadata,
    "parsing alone": parsing,
}


def measure(pages: list[tuple[str, bytes]], repeat: int) -> dict[str, Cost]:
    """Every engine over all pages, turn about."""
    least = {name: [float("inf")] * len(pages) for name in ENGINES}
    for _ in range(repeat):
        for name, engine in ENGINES.items():
            for number, (url, payload) in enumerate(pages):
                began = time.process_time()
                with contextlib.suppress(PageError):  # a page without an article costs what it costs
                    engine(payload, url)
                least[name][number] = min(least[name][number], (time.process_time() - began) * 1000)
    return {name: _cost(sorted(costs)) for name, costs in least.items()}


def _cost(costs: list[float]) -> Cost:
    return Cost(statistics.mean(costs), statistics.median(costs), costs[int(0.95 * len(costs))], costs[int(0.99 * len(costs))])


def table(found: dict[str, Cost]) -> str:
    """Markdown."""
    own = found["winnow"].mean
    rows = ["| | mean ms | p50 | p95 | p99 | Winnow is |", "|---|--:|--:|--:|--:|--:|"]
    rows += [
        f"| {name} | {of.mean:.2f} | {of.p50:.2f} | {of.p95:.2f} | {of.p99:.2f} | {of.mean / own:.2f} × |"
        for name, of in found.items()
    ]
    return "\n".join(rows)


def main() -> None:
    """Read the arguments, measure, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="pages, *.html or *.html.gz")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    pages = load(_count(arguments.folder), folder=arguments.folder)
    found = measure(pages, arguments.repeat)
    print(f"{len(pages)} pages; {machine()}\n\n{table(found)}")
    if arguments.json:
        rows = {name: asdict(of) for name, of in found.items()}
        arguments.json.write_text(json.dumps({"machine": machine(), "pages": len(pages), "found": rows}, indent=2))


def _count(folder: Path | None) -> int:
    return MADE if folder is None else len(saved(folder))


if __name__ == "__main__":
    main()
