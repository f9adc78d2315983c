"""Instructions that extraction takes of a page, as valgrind's callgrind counts them: the same in every run, whoever else is busy.

    python -m tests.bench.instructions [FOLDER] [--pages 30] [--top 40]

A clock on a shared machine tells two builds apart by a tenth after twenty runs; this does by a hundredth after one, though an
instruction that waits for memory counts as much as one that does not.  It needs valgrind and compiled extraction, and takes half a
minute.  The functions of the compiled modules are listed with all that they call, as shares of a page.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.pages import load
from worker.article import COMPILED, extract_article

WARM = 15  # pages that are read before any is counted: wordings and patterns are made once

_COUNTED = re.compile(r"^\s*([\d,]+) .*?\bCPyDef_(\w+)", re.MULTILINE)
_WHOLE = "extract___extract_article"


def count(folder: Path | None, pages: int) -> dict[str, int]:
    """Instructions of all the pages together, by compiled function, each with what it calls."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch, "callgrind.out")
        valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}"]
        command = [*valgrind, sys.executable, "-m", "tests.bench.instructions", "--read", "--pages", str(pages)]
        subprocess.run([*command, *([str(folder)] if folder else [])], check=True, capture_output=True)
        annotated = subprocess.run(
            ["callgrind_annotate", "--inclusive=yes", "--threshold=100", str(out)], check=True, capture_output=True, text=True
        )
    found: dict[str, int] = {}
    for instructions, name in _COUNTED.findall(annotated.stdout):
        found[name] = max(found.get(name, 0), int(instructions.replace(",", "")))
    return found


def read(folder: Path | None, pages: int) -> None:
    """Read the pages; what counts is told to begin behind those that warm up."""
    for number, (url, payload) in enumerate(load(WARM + pages, folder=folder)):
        if number == WARM:
            subprocess.run(["callgrind_control", "--instr=on", str(os.getpid())], check=True, capture_output=True)
        extract_article(payload, url)


def main() -> None:
    """Read the arguments, count, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="saved pages, *.html or *.html.gz, in place of made ones")
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--top", type=int, default=40, help="functions to list")
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        read(arguments.folder, arguments.pages)
        return
    if not COMPILED:
        parser.error("extraction is not compiled: install it where there is a C compiler")
    if shutil.which("valgrind") is None:
        parser.error("no valgrind on the PATH")
    found = count(arguments.folder, arguments.pages)
    whole = found[_WHOLE]
    print(f"{whole / arguments.pages / 1e6:.2f} million instructions a page\n\n| function | % |\n|---|--:|")
    for name, instructions in sorted(found.items(), key=lambda pair: -pair[1])[: arguments.top]:
        print(f"| {name.replace('___', '.')} | {instructions / whole:.1%} |")


if __name__ == "__main__":
    main()
