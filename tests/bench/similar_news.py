"""What telling similar news apart costs on top of parsing, page by page.

    python tests/bench/similar_news.py [FOLDER]

FOLDER holds pages as `*.html` or `*.html.gz`; without it, the pages in tests/data are read.  Each step is timed several times in
this process and its least CPU time taken, so that a busy machine disturbs it little.  The ratio is what compares between machines.
"""

from __future__ import annotations

import gzip
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from worker.article.decode import decode
from worker.article.document import parse
from worker.article.metadata import read_metadata
from worker.article.outline import Outline
from worker.article.related import lift_related
from worker.errors import PageError

DATA = Path(__file__).resolve().parents[1] / "data"
REPEAT = 5


def pages(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*.html*")):
        yield gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


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
    times = []
    for raw in pages(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA):
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
