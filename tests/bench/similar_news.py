"""What telling similar news apart costs on top of parsing, page by page.

    python -m tests.bench.similar_news [FOLDER]

FOLDER holds pages as `*.html` or `*.html.gz`; without it, the pages in tests/data are read.  Each step is timed several times in
this process and its least CPU time taken, so that a busy machine disturbs it little.  The ratio is what compares between machines.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from tests.bench.pages import saved
from worker.article.decode import decode
from worker.article.document import parse
from worker.article.metadata import read_metadata
from worker.article.outline import Outline
from worker.article.related.lift import lift_related
from worker.errors import PageError

DATA = Path(__file__).resolve().parents[1] / "data"
REPEAT = 5


def measure(raw: bytes) -> tuple[float, float]:
    """Least seconds of CPU for parsing a page, and for the splitter."""
    text = decode(raw, None).text
    parsing, splitting = [], []
    for _ in range(REPEAT):
        start = time.process_time()
        document = parse(text)
        parsed = time.process_time()
        metadata = read_metadata(document)
        ready = time.process_time()
        lift_related(Outline(document.root), base_url=document.base_url, headlines=metadata.headlines)
        splitting.append(time.process_time() - ready)
        parsing.append(parsed - start)
    return min(parsing), min(splitting)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=DATA, help="*.html or *.html.gz; those of tests/data by default")
    times = []
    for raw in saved(parser.parse_args().folder):
        try:
            times.append(measure(raw))
        except PageError:
            continue
    parsing, splitting = ([1000 * seconds for seconds in column] for column in zip(*times, strict=True))
    for name, column in (("parsing", parsing), ("similar news", splitting)):
        middle, mean, most = statistics.median(column), statistics.mean(column), max(column)
        print(f"{name:12}  median {middle:6.2f} ms  mean {mean:6.2f} ms  max {most:7.2f} ms")
    print(f"{len(times)} pages; similar news / parsing {sum(splitting) / sum(parsing):.2f}")


if __name__ == "__main__":
    main()
