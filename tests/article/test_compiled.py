"""Compiled or interpreted, the modules of worker/article say the same."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import worker
from worker.article import COMPILED

PACKAGE = Path(worker.__file__).parent
DATA = Path(__file__).parents[1] / "data"
SCRIPT = """
import dataclasses, json, pathlib, sys
from worker.article import COMPILED, extract_article
from worker.errors import PageError

def read(path):
    try:
        article, cuts = extract_article(path.read_bytes(), "https://news.example.org/a/1", explain=True)
    except PageError as error:
        return str(error)
    return [dataclasses.asdict(article), [dataclasses.asdict(cut) for cut in cuts]]

pages = [path for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")) if path.suffix in {".html", ".txt"}]
print(json.dumps([COMPILED, {str(path): read(path) for path in pages}]))
"""


def read_all(folder):
    """Whether `worker` in a folder is compiled, and what it makes of every page in tests/data."""
    command = [sys.executable, "-c", SCRIPT, str(DATA)]
    done = subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, check=True)
    return json.loads(done.stdout)


def test_compiled_and_interpreted_modules_make_the_same_articles(tmp_path):
    if not COMPILED:
        reason = "worker/article is not compiled: no C compiler, or WINNOW_PURE_PYTHON"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    shutil.copytree(PACKAGE, tmp_path / "worker", ignore=shutil.ignore_patterns("*.so"))
    copy_is_compiled, expected = read_all(tmp_path)
    is_compiled, found = read_all(PACKAGE.parent)
    assert (copy_is_compiled, is_compiled) == (False, True)
    assert len(expected) > 50
    assert found == expected
