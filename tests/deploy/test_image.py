"""The image is built from its Dockerfile and run as a container, without a Docker engine: buildah, umoci and runc."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deploy.tools import DEPLOY, ROOT, run, tool
from tests.test_worker import TEXT, page
from tests.worker_process import DEADLINE_S, Setup, free_port

pytestmark = pytest.mark.deploy

_IMAGE = "localhost/winnow:test"
_BASE = "localhost/base:bookworm"
_PYTHON = "3.11"  # of the base that is built here, Debian bookworm's


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The image, unpacked for runc."""
    if os.geteuid() != 0:
        pytest.skip("building an image without an engine takes root")
    if sys.platform != "linux":
        pytest.skip("containers take Linux")
    folder = tmp_path_factory.mktemp("image")
    store = ["--root", str(folder / "store"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]
    with ThreadPoolExecutor() as pool:
        wheels = pool.submit(_fetch_wheels, folder / "wheels")
        _import_base(folder / "base.tar", store)
        wheels.result()
    arguments = {"PYTHON_IMAGE": _BASE, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
    build = [
        tool("buildah"),
        *store,
        "bud",
        "--isolation=chroot",
        "--pull-never",
        "--format=docker",
        f"--volume={folder / 'wheels'}:/wheels:ro",
    ]
    build += [f"--build-arg={name}={value}" for name, value in arguments.items()]
    run(*build, "-f", DEPLOY / "Dockerfile", "-t", _IMAGE, ROOT)
    run(tool("buildah"), *store, "push", _IMAGE, f"oci:{folder / 'oci'}:test")
    run(tool("umoci"), "unpack", "--image", f"{folder / 'oci'}:test", folder / "bundle")
    yield folder / "bundle"
    shutil.rmtree(folder, ignore_errors=True)


def _import_base(tar: Path, store: list[str]) -> None:
    """What the default base is: a Python with its headers and no compiler, which the Dockerfile has to bring itself."""
    include = "--include=python3-dev,python3-venv,ca-certificates"
    run(tool("mmdebstrap"), "-q", "--variant=minbase", include, "bookworm", tar)
    run(tool("podman"), *store, "import", tar, _BASE)


def _fetch_wheels(folder: Path) -> None:
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:", "--dest", str(folder)]
    run(*fetch, "--python-version", _PYTHON, "--require-hashes", "-r", ROOT / "requirements.lock")
    run(*fetch, "hatchling", "mypy", "setuptools")


def _configure(bundle: Path, config: Path) -> None:
    """As a cluster would run it: nobody's user, a root that can't be written, no capability; the network is the machine's."""
    file = bundle / "config.json"
    spec = json.loads(file.read_text())
    spec["root"]["readonly"] = True
    process = spec["process"]
    process |= {"terminal": False, "rlimits": [], "noNewPrivileges": True, "capabilities": {}}
    spec["linux"] |= {"resources": {}, "namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")]}
    spec["mounts"] = [
        mount for mount in spec["mounts"] if mount["type"] != "cgroup" and mount["destination"] != "/etc/winnow/config"
    ]
    spec["mounts"] = [mount for mount in spec["mounts"] if mount["destination"] not in {"/tmp", "/etc/resolv.conf"}]
    spec["mounts"] += [
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "mode=1777"]},
        {"destination": "/etc/winnow/config", "type": "bind", "source": str(config), "options": ["rbind", "ro"]},
    ]
    file.write_text(json.dumps(spec))


def test_dockerfile_has_no_fault() -> None:
    run(tool("hadolint"), DEPLOY / "Dockerfile")
    run(tool("checkov"), "--skip-download", "--framework", "dockerfile", "-f", DEPLOY / "Dockerfile", "--compact", "--quiet")


def test_extraction_is_compiled_and_nothing_that_builds_is_left(bundle: Path) -> None:
    files = {path.name for path in (bundle / "rootfs" / "opt" / "winnow" / "bin").iterdir()}
    assert "winnow" in files
    assert list((bundle / "rootfs" / "opt" / "winnow").glob("lib/python3*/site-packages/worker/article/extract.*.so"))
    assert not any(name.startswith("pip") for name in files)
    assert not list((bundle / "rootfs").glob("usr/bin/*gcc*"))
    assert not (bundle / "rootfs" / "src").exists()


@pytest.mark.kafka
async def test_a_container_works_and_drains(bundle: Path, kafka: str, fresh: str, tmp_path: Path) -> None:
    setup = Setup(kafka, fresh, tmp_path, {"dedup": {"store": "memory"}, "pool": {"processes": 1}})
    await setup.create_topics(2)
    port = free_port()
    folder = tmp_path / "config"
    folder.mkdir(mode=0o755)
    setup.write_config(port).rename(folder / "config.yaml")
    tmp_path.chmod(0o755)
    _configure(bundle, folder)
    name = f"winnow-{fresh}"
    log = tmp_path / "log"
    with log.open("wb") as sink:
        runc = [tool("runc"), "--root", str(tmp_path / "runc")]
        process = subprocess.Popen([*runc, "run", "-b", str(bundle), name], stdout=sink, stderr=sink)
    try:
        await asyncio.to_thread(_until_ready, port, process, log)
        await setup.produce((page(seed), TEXT) for seed in range(40))
        async with setup.results() as results:
            await results.until(40)
            assert len(results.articles) == 40
        [worker] = json.loads(run(*runc, "ps", "--format", "json", name))[:1]
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{worker}/status").read_text().splitlines() if ":\t" in line)
        assert status["Uid"].split()[0] == "10001"
        assert status["NSpid"].split()[-1] == "1"
        assert status["CapEff"] == "0" * 16
        run(*runc, "kill", name, "TERM")
        assert await asyncio.to_thread(process.wait, 40) == 0, log.read_text()[-3000:]
    finally:
        process.kill()
        subprocess.run([*runc, "delete", "--force", name], check=False, capture_output=True)
    assert await setup.uncommitted() == 0


def _until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"not ready after {DEADLINE_S:g} s: {log.read_text()[-3000:]}")
