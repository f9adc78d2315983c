"""Compile `worker/article` while the package is built, where a C compiler is at hand.

mypyc makes C of the very modules that also run interpreted: extraction is nearly all of a worker's cost, and it is a fifth cheaper
compiled.  Without a compiler the package is built of the sources alone; `WINNOW_PURE_PYTHON=1` asks for that.

Compiled, a generator expression is a list unless `any`, `all` or `sum` takes it: what has to stop early is a loop, or a function
that yields.
"""

from __future__ import annotations

import os
import shutil
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from mypyc.build import mypycify
from setuptools import Distribution
from setuptools.command.build_ext import build_ext

SOURCES = "worker/article"
INTERPRETED = {"__init__", "charset", "decode", "envelope"}  # these hand whole pages to C and take any buffer of bytes
GROUP = "winnow_article"  # of the library that the modules share


class CompileHook(BuildHookInterface):
    """Builds the extension modules: beside their sources for an editable install, else into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        for old in _in_place(root):
            old.unlink()
        if os.environ.get("WINNOW_PURE_PYTHON", "") not in {"", "0"}:
            return
        if missing := _missing():
            self.app.display_warning(f"{SOURCES} stays interpreted: {missing}")
            return
        self._folder = Path(tempfile.mkdtemp(prefix="winnow-build-"))
        for built in _compile(root, self._folder):
            place = built.relative_to(self._folder / "lib")
            if version == "editable":
                shutil.copy2(built, root / place)
            else:
                build_data["force_include"][str(built)] = str(place)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "_folder"):
            shutil.rmtree(self._folder)


def get_build_hook() -> type[BuildHookInterface]:
    return CompileHook


def _in_place(root: Path) -> Iterator[Path]:
    """What an editable install left beside the sources."""
    yield from (root / SOURCES).rglob("*.so")
    yield from root.glob(f"{GROUP}__mypyc*.so")


def _missing() -> str | None:
    """What is lacking to compile with, or None."""
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    if shutil.which(compiler.split()[0]) is None:
        return f"no C compiler ({compiler})"
    header = Path(sysconfig.get_path("include"), "Python.h")
    return None if header.exists() else f"no {header} (Python's development files)"


def _compile(root: Path, folder: Path) -> list[Path]:
    """The extension modules of the sources, below `folder`/lib as they lie below the root."""
    modules = sorted(str(path) for path in (root / SOURCES).rglob("*.py") if path.stem not in INTERPRETED)
    extensions = mypycify(
        # Types of other packages are of no use to the compiler, and the project's own settings ask for them.
        ["--config-file=", "--ignore-missing-imports", *modules],
        group_name=GROUP,
        opt_level="3",
        target_dir=str(folder / "c"),
    )
    command = build_ext(Distribution({"name": GROUP, "ext_modules": extensions}))
    command.build_lib, command.build_temp = str(folder / "lib"), str(folder / "o")
    command.ensure_finalized()
    command.run()
    return sorted((folder / "lib").rglob(f"*{sysconfig.get_config_var('EXT_SUFFIX')}"))
