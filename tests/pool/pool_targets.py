"""What the tests let extraction processes do: the page's body is the order."""

import ctypes
import gc
import os
import re
import signal
import sys
import time
from pathlib import Path

import orjson

from worker.article import evidence
from worker.errors import NoMainText, PageMemory
from worker.records import Extraction

_held = []


def obey(ref, page, key, decoded_bytes):
    order, *arguments = page.body[:200].decode().split()
    _ORDERS[order](*arguments)
    return Extraction(article=b"%d " % ref.offset + (key or b""), content_hash=f"{os.getpid():032}", path="fast", similar_items=3)


def measure(ref, page, key, decoded_bytes):
    return Extraction(article=b"x" * 6000, content_hash="a" * 32, path="fast")


def claim(ref, page, key, decoded_bytes):
    """An article, of which something else is said: fields in JSON."""
    return Extraction(**{"article": b"{}", "content_hash": "a" * 32, "path": "fast"} | orjson.loads(page.body))


def fails_in_the_first_process(marker):
    """Crash once: the marker is a file."""
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGSEGV)


def recurse(depth="0"):
    return recurse(str(int(depth) + 1))


def allocate(megabytes):
    _held.append(bytearray(int(megabytes) << 20))


def allocate_in_c(megabytes):
    """Memory that Python's allocator knows nothing of, touched so that it is resident."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    for _ in range(int(megabytes)):
        ctypes.memset(libc.malloc(ctypes.c_size_t(1 << 20)), 1, 1 << 20)  # writes to address 0 when there is no more


def allocate_once(megabytes, marker):
    if not Path(marker).exists():
        Path(marker).touch()
        raise MemoryError


def refuse_once(marker):
    """An error of memory out of a process that goes on."""
    if not Path(marker).exists():
        Path(marker).touch()
        raise PageMemory("too much")


def raise_value_error(*words):
    raise ValueError(" ".join(words))


def raise_surrogate():
    raise ValueError("\ud800")


def raise_no_main_text():
    raise NoMainText("nothing here")


def backtrack():
    re.match(r"(a|a)*b", "a" * 60)


def spin():
    while True:
        pass


def garbage():
    """Write to every descriptor that looks like a socket, as a library gone wild would."""
    for entry in Path("/proc/self/fd").iterdir():
        try:
            if str(entry.readlink()).startswith("socket:"):
                os.write(int(entry.name), b"\xff" * 100)
        except OSError:
            continue
    time.sleep(60)


def scribble(megabytes):
    """Write to the file in memory that is there for a fatal stack."""
    [last_words] = [entry.name for entry in Path("/proc/self/fd").iterdir() if "memfd" in str(entry.resolve())]
    for _ in range(int(megabytes)):
        os.write(int(last_words), b"x" * (1 << 20))


def close_all():
    os.closerange(3, 256)
    time.sleep(60)


def descriptors():
    kinds = sorted(
        str(entry.readlink()).split(":")[0] for entry in Path("/proc/self/fd").iterdir() if entry.exists() or entry.is_symlink()
    )
    raise ValueError(" ".join(kind for kind in kinds if not kind.startswith("/proc/")))


def wordings():
    raise ValueError("read" if evidence._READ else "not read")


def shout():
    print("page text on standard output", flush=True)
    print("page text on standard error", file=sys.stderr, flush=True)
    os.system("echo from a shell; echo from a shell >&2")


_ORDERS = {
    "fine": lambda *_: None,
    "wordings": wordings,
    "sleep": lambda seconds, *_: time.sleep(float(seconds)),
    "spin": spin,
    "backtrack": backtrack,
    "segv": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "segv-once": fails_in_the_first_process,
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "kill-fork-server": lambda: (os.kill(os.getppid(), signal.SIGKILL), time.sleep(60)),
    "exit": lambda status: os._exit(int(status)),
    "sys-exit": lambda: sys.exit(3),
    "abort": os.abort,
    "null": lambda: ctypes.string_at(0),
    "allocate": allocate,
    "allocate-in-c": allocate_in_c,
    "starved-once": allocate_once,
    "refused-once": refuse_once,
    "recurse": recurse,
    "raise": raise_value_error,
    "surrogate": raise_surrogate,
    "no-main-text": raise_no_main_text,
    "garbage": garbage,
    "scribble": scribble,
    "close-all": close_all,
    "descriptors": descriptors,
    "shout": shout,
    "collect": lambda: gc.collect() and None,
}
