"""The worker's own heap, set for what goes through it: large blocks of bytes that live for seconds, beside a great deal that stays.

Left alone, glibc gives a large block back to the kernel when it is freed, and the next of its size is mapped and zeroed anew, four
KiB at a time: a fifth of what an unchanged page costs.  And whenever Python's collector looks at everything, it goes through all
that was imported: the event loop stands still for some 60 ms, and nothing is found.

What is kept so is never all of use again: between small blocks that live on, ever more of it lies in pieces that fit nothing.  So
once in a while all that is free is given back after all.

The extraction processes have a heap of their own, in which nothing of this is set.
"""

from __future__ import annotations

import ctypes
import gc
from typing import Final

_LIBC: Final = ctypes.CDLL(None)
_M_TRIM_THRESHOLD: Final = -1  # numbers from glibc's malloc.h
_M_MMAP_THRESHOLD: Final = -3
_KEPT_BYTES: Final = 64 << 20  # free memory that is not given back: some fetched responses, with what is made of them
_MAPPED_BYTES: Final = 32 << 20  # blocks from this size on are still mapped one by one; glibc allows no more
_NEW_OBJECTS: Final = 5_000  # between two looks of Python's collector at what is new (700 by default)


def settle() -> None:
    """Call once, when everything is imported.  Where the C library is not glibc, only Python's part is done."""
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
    if hasattr(_LIBC, "mallopt"):
        _LIBC.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
        _LIBC.mallopt(_M_MMAP_THRESHOLD, _MAPPED_BYTES)


def trim() -> None:
    """Give back all free memory, also what lies between blocks in use: some milliseconds.  Nothing is done without glibc."""
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.malloc_trim(0)
