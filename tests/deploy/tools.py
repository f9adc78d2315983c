"""Where the tools are that validate deploy/: beside the Python of `make deploy-test`'s environment, or on the path."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "winnow"
_BIN = Path(os.environ.get("DEPLOY_TOOLS", ROOT / ".venv-deploy")) / "bin"


def tool(name: str) -> str:
    """The path of a tool; skips the test where it is missing, and fails it with CI=true."""
    found = shutil.which(name, path=os.pathsep.join([str(_BIN), os.environ["PATH"]]))
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is missing; deploy/VALIDATING.md says where it comes from")
    pytest.skip(f"no {name}: run `make deploy-test`; deploy/VALIDATING.md says where it comes from")


def run(*command: str | Path, cwd: Path = ROOT, ok: bool = True) -> str:
    """Run a command and return what it printed; `ok=False` expects it to fail."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert (done.returncode == 0) == ok, f"{' '.join(map(str, command))} ended with {done.returncode}:\n{said[-6000:]}"
    return said if not ok else done.stdout
