"""What the worker's own heap does with large blocks."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from worker import heap, service
from worker.backfilling import Backfill, backfill
from worker.config import Settings
from worker.stream.file_publisher import Checkpoint
from worker.stream.file_source import open_inputs

PAGES = Path(__file__).parent / "data" / "pages"

CHURN = """
import gc, resource
from worker import heap
{settle}
for _ in range(3):
    blocks = [b"." * (150_000 + size) for size in range(50)] + [b"." * (8 << 20) for _ in range(4)]
    del blocks
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    blocks = [b"." * (150_000 + size) for size in range(50)] + [b"." * (8 << 20) for _ in range(4)]
    del blocks
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(settle):
    return int(subprocess.run([sys.executable, "-c", CHURN.format(settle=settle)], capture_output=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_memory_that_is_used_again_and_again_is_not_given_back_in_between():
    assert faults("heap.settle()") < 100
    assert faults("") > 1000, "it is not needed any more: take it out"


SCATTERED = """
import mmap
from pathlib import Path
from worker import heap
heap.settle()
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE // 1024
blocks = [b"." * (100_000 + size % 7) for size in range(400)]
del blocks[::2]
before = resident()
{trim}
print(before - resident())
"""


def given_back(trim):
    return int(subprocess.run([sys.executable, "-c", SCATTERED.format(trim=trim)], capture_output=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_free_memory_between_blocks_in_use_is_given_back_when_asked():
    assert given_back("heap.trim()") > 15_000, "KiB"
    assert given_back("") < 1_000


def test_what_was_imported_is_not_looked_at_by_the_collector():
    code = "import gc, worker.service\nfrom worker import heap\nheap.settle()\nprint(gc.get_freeze_count(), len(gc.get_objects()))"
    frozen, left = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.split()
    assert int(frozen) > 50_000
    assert int(left) < 1_000


async def test_a_worker_gives_free_memory_back_once_in_a_while(tmp_path, monkeypatch):
    given_back = []
    monkeypatch.setattr(heap, "trim", lambda: given_back.append(1))
    monkeypatch.setattr(service, "_TICK_S", 0.001)
    monkeypatch.setattr(service, "_TRIM_EVERY_S", 0.01)
    output = tmp_path / "articles.jsonl"
    inputs = open_inputs([PAGES])
    job = Backfill(inputs, output, tmp_path / "dead.jsonl", Checkpoint(tmp_path / "checkpoint", inputs))
    await backfill(Settings(dedup={"store": "memory"}, pool={"processes": 1}), job, on_settled=lambda _: None)
    assert output.stat().st_size
    assert given_back
