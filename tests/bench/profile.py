"""Flame graphs of a worker at work: of the parent, and of one of its extraction processes.

    python -m tests.bench.profile [--processes 2] [--pages 1500] [--size 150000] [--py-spy PROGRAM] [--into FOLDER]

Pages are withheld until the worker is ready and py-spy is attached to both, so nothing of the start is in the pictures.  The parent
is sampled as it runs, by Python function; the child is stopped for each sample, so that native frames are seen: most of it is
compiled.  PROFILE.md beside this file says what the blocks are.  Where the kernel guards processes from each other
(kernel.yama.ptrace_scope), it takes root or CAP_SYS_PTRACE.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.growth import Point, pages_of
from tests.bench.process_tree import tree
from tests.bench.rig import BenchSetup, cpu_of, create_topics, machine, until, watching, winnow, withheld
from tests.kafka_broker import running_broker

FOLDER = Path(__file__).with_name("profile")
ATTACH_S = 5.0
MODES = {"parent": ("--nonblocking", "--function", "--rate", "250"), "child": ("--native", "--function", "--rate", "100")}


@contextmanager
def sampling(program: str, pids: dict[str, int], into: Path) -> Iterator[None]:
    """py-spy on each process meanwhile; a picture of each afterwards."""
    spies = [
        subprocess.Popen([program, "record", *MODES[name], "--pid", str(pid), "--output", str(into / f"{name}.svg")])
        for name, pid in pids.items()
    ]
    try:
        yield
    finally:
        for spy in spies:
            spy.send_signal(signal.SIGINT)
            spy.wait(60)


async def profile(servers: str, point: Point, program: str, into: Path) -> tuple[float, float]:
    """CPU ms a page of the whole tree and of the parent, while both are sampled."""
    raw, out = (f"profile-{uuid.uuid4().hex[:8]}" for _ in range(2))
    outputs = (out, f"{out}.duplicates", f"{out}.dead")
    await create_topics(servers, raw, *outputs)
    with tempfile.TemporaryDirectory() as folder:
        setup = BenchSetup(servers, Path(folder), raw, out, {"pool": {"processes": point.processes}})
        async with withheld(servers, raw, pages_of(point)) as show, watching(servers, *outputs) as written:
            with winnow(setup) as worker:
                await worker.until_ready()
                parent, _, *children = tree(worker.process.pid)  # between them the fork server
                with sampling(program, {"parent": parent.pid, "child": children[0].pid}, into):
                    await asyncio.sleep(ATTACH_S)
                    before = cpu_of(parent.pid)
                    await show()
                    await until(written, point.pages)
                    whole, alone = (after - earlier for after, earlier in zip(cpu_of(parent.pid), before, strict=True))
    return whole / point.pages * 1e3, alone / point.pages * 1e3


def main() -> None:
    """Read the arguments, have a broker, sample."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=2, help="extraction processes")
    parser.add_argument("--pages", type=int, default=1500)
    parser.add_argument("--size", type=int, default=150_000, help="bytes of a page, about")
    parser.add_argument("--py-spy", default="py-spy", help="the program; tests/bench/peers/requirements.txt has it")
    parser.add_argument("--into", type=Path, default=FOLDER, help="where parent.svg and child.svg go")
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)
    point = Point(processes=arguments.processes, pages=arguments.pages, size=arguments.size)
    with running_broker() as servers:
        whole, parent = asyncio.run(profile(servers, point, arguments.py_spy, arguments.into))
    print(f"{machine()}\nCPU ms a page: {whole:.2f}, of it the parent {parent:.2f}")


if __name__ == "__main__":
    main()
