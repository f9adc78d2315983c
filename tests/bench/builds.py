"""Two builds of extraction, or one in two environments, told apart within about 2 % in a minute, on a machine that others share.

    python -m tests.bench.builds --other CHECKOUT [--folder PAGES] [--rounds 6]
    python -m tests.bench.builds --env GLIBC_TUNABLES=glibc.malloc.tcache_count=0 [--folder PAGES]

Three processes read ten pages each, turn about: this checkout's, one more of it, which shows what no difference looks like, and the
other.  Whatever slows the machine for a second slows them alike.  Shown is the geometric mean of the ratios of their CPU, with its
interval of 95 %.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.pages import load
from tests.bench.ratios import times_as_much
from worker.article import COMPILED, extract_article

HERE = Path(__file__).parents[2]
TURN = 10  # pages
WARM = 60  # pages that are read before


class Reader:
    """A process that reads the pages it is told to."""

    def __init__(self, checkout: Path, arguments: list[str], environment: dict[str, str]) -> None:
        python = checkout / ".venv/bin/python"
        command = [str(python) if python.exists() else sys.executable, "-P", __file__, "--read", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(checkout.resolve()), **environment}
        self._process = subprocess.Popen(
            command, cwd=checkout, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pages, self.compiled = map(int, self._answer())

    def _answer(self) -> list[str]:
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline()):
            raise SystemExit(f"a reader ended with {self._process.wait()}")
        return line.split()

    def cpu_s(self, first: int) -> float:
        """Of the pages from this one on."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{first}\n")
        self._process.stdin.flush()
        return float(self._answer()[0])


def read(folder: Path | None, count: int) -> None:
    """Be a reader: for each number that is given, read the pages from there on, and say what that took."""
    pages = load(count, folder=folder)
    for url, payload in pages[:WARM]:
        extract_article(payload, url)
    print(len(pages), int(COMPILED), flush=True)
    for line in sys.stdin:
        began = time.process_time()
        for url, payload in pages[int(line) : int(line) + TURN]:
            extract_article(payload, url)
        print(time.process_time() - began, flush=True)


def main() -> None:
    """Read the arguments, have the readers take turns, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--other", type=Path, default=HERE, help="a checkout with extraction built in it, and an environment or none"
    )
    parser.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", help="of the other one; more than once for more"
    )
    parser.add_argument("--folder", type=Path, help="saved pages with an article each, *.html or *.html.gz, in place of made ones")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve() if arguments.folder else None
    if arguments.read:
        read(folder, arguments.pages)
        return
    passed = ["--pages", str(arguments.pages), *(["--folder", str(folder)] if folder else [])]
    environment = dict(each.split("=", 1) for each in arguments.env)
    readers = {
        "this": Reader(HERE, passed, {}),
        "again": Reader(HERE, passed, {}),
        "other": Reader(arguments.other, passed, environment),
    }
    if len({reader.compiled for reader in readers.values()}) > 1:
        parser.error("only one of the two is compiled")
    took: dict[str, list[float]] = {name: [] for name in readers}
    for number in range(arguments.rounds):
        for first in range(0, readers["this"].pages - TURN + 1, TURN):
            for name in random.Random(f"{number} {first}").sample([*readers], len(readers)):
                took[name].append(readers[name].cpu_s(first))
    print("| | CPU ms a page | of this |\n|---|--:|--:|")
    for name, turns in took.items():
        ratio, error = times_as_much(turns, took["this"])
        print(f"| {name} | {statistics.mean(turns) / TURN * 1e3:.2f} | {ratio:.3f} ± {error:.3f} |")


if __name__ == "__main__":
    main()
