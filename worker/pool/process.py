"""The life of an extraction process, from the fork to its exit: limits, pages one after another, reports.

The supervisor decides when it ends.  It ignores SIGINT and SIGTERM, which a terminal or a cluster sends to all processes alike; it
exits when its socket ends, and the kernel kills it with the fork server, so that no death of the parent leaves it behind, even
in an endless loop of native code.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import logging
import os
import resource
import signal
import socket
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from lxml import etree

from worker.errors import ExtractionFailed, OutputTooLarge, PageError, PageMemory
from worker.pool.frames import Kind, PageRequest, Reply, await_page, encode, encode_reply, has_page, receive_page, reply_limit
from worker.records import Extraction, Page, SourceRef

Work = Callable[[SourceRef, Page, bytes | None, int], Extraction]
"""What is done with a page: called with its name, the page, the record's key and `limits.decoded_bytes`."""

LAST_WORDS_BYTES = 8192
"""How much of a fatal stack is kept; a page that writes to whatever is open fills no more memory than that."""

_PR_SET_PDEATHSIG = 1
_MIN_HEADROOM_BYTES = 64 << 20
_PAGE_BYTES = resource.getpagesize()
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class ChildSettings:
    """What a child has to know."""

    target: str  # module:function, a `Work`
    decoded_bytes: int
    max_rss: int
    wordings: Mapping[str, Sequence[str]] = field(default_factory=dict)  # for `extend_lexicon`


def live(end: socket.socket, last_words: int, parent: int, work: Work, settings: ChildSettings) -> NoReturn:
    """Be an extraction process until the supervisor closes its end or memory is up.  `last_words` is a file for a fatal stack."""
    _settle_in(end, last_words, parent)
    ceiling = _limit_memory(settings.max_rss)
    unsaid = encode(Kind.READY)
    while True:
        if not has_page(end):  # else it is said with what is said of that page, which spares the supervisor a turn
            end.sendall(unsaid)
            unsaid = b""
        if (announced := await_page(end)) is None:
            break
        number, *sizes = announced
        _forget(last_words)
        end.sendall(unsaid + encode(Kind.STARTED, number))  # before the body is read: whatever happens now is this page's doing
        reply = _attempt(end, sizes[0], sizes[1], work, settings)
        if reply.leaving:
            resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))  # room to say so
            end.sendall(encode_reply(number, reply))
            break
        unsaid = encode_reply(number, reply)
    os._exit(0)


def _settle_in(end: socket.socket, last_words: int, parent: int) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be watched
        os._exit(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # a library that prints must not write into somebody's output, and a page's text into no log
        os.dup2(nothing, stream)
    kept = {0, 1, 2, end.fileno(), last_words}
    for descriptor in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if descriptor not in kept:
            with contextlib.suppress(OSError):  # the one that listed them
                os.close(descriptor)
    logging.disable()
    faulthandler.enable(last_words, all_threads=False)
    faulthandler.register(signal.SIGUSR1, last_words, all_threads=False)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core holds the page, and takes seconds to write
    resource.setrlimit(resource.RLIMIT_FSIZE, (LAST_WORDS_BYTES, LAST_WORDS_BYTES))


def _forget(last_words: int) -> None:
    """Drop the stack of a page that was late and made it: it must not be taken for that of the next one."""
    os.ftruncate(last_words, 0)
    os.lseek(last_words, 0, os.SEEK_SET)


def _limit_memory(max_rss: int) -> int:
    """Bound the address space so that an allocation fails before the kernel kills; returns the hard limit.

    Address space is more than memory: what is mapped at birth and not used is allowed for,
    and an eighth for what never gets touched.
    """
    mapped, resident = _memory()
    headroom = max(max_rss + max_rss // 8 - resident, _MIN_HEADROOM_BYTES)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = mapped + headroom
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    return hard


def _memory() -> tuple[int, int]:
    """Bytes of address space and of memory that this process has."""
    mapped, resident, *_ = Path("/proc/self/statm").read_text().split()
    return int(mapped) * _PAGE_BYTES, int(resident) * _PAGE_BYTES


def _attempt(end: socket.socket, header_bytes: int, body_bytes: int, work: Work, settings: ChildSettings) -> Reply:
    started = time.perf_counter()
    stack, starved = None, False
    try:
        extraction = _extract(receive_page(end, header_bytes, body_bytes), work, settings.decoded_bytes)
    except BaseException as error:  # SystemExit as well: a page must not end its process by asking
        starved = _is_of_memory(error)
        if starved:
            failure: PageError = PageMemory("extraction ran out of the memory that pool.max_rss allows")
        elif isinstance(error, PageError):
            failure = error
        else:
            stack = "".join(traceback.format_tb(error.__traceback__))[-4000:]
            failure = ExtractionFailed(f"{type(error).__name__}: {error}"[:500])
        extraction = Extraction(error=failure)
    duration_s = time.perf_counter() - started
    _, resident = _memory()
    return Reply(replace(extraction, duration_s=duration_s), resident, starved or resident > settings.max_rss, stack)


def _is_of_memory(error: BaseException | None) -> bool:
    """Whether memory ran out at the root of an error: libxml2 calls that a broken page, and the extractor a page without text.

    The context is asked, for compiled code sets no cause.
    """
    if error is None:
        return False
    log = getattr(error, "error_log", ())
    starved = isinstance(error, MemoryError) or any(entry.type == etree.ErrorTypes.ERR_NO_MEMORY for entry in log)
    return starved or _is_of_memory(error.__context__)


def _extract(request: PageRequest, work: Work, decoded_bytes: int) -> Extraction:
    extraction = work(request.ref, request.page, request.key, decoded_bytes)
    size, limit = len(extraction.article or b""), reply_limit(decoded_bytes)
    if size > limit:
        raise OutputTooLarge(f"the article has {size} bytes of JSON, more than {limit}")
    return extraction
