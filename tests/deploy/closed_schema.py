"""The schema of a custom resource, closed: a field that it does not know is a fault, which neither Helm nor a typo would tell."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

CRDS = Path(__file__).with_name("crds")


@cache
def schemas() -> dict[tuple[str, str], dict[str, Any]]:
    """By apiVersion and kind: JSON Schemas of the definitions in crds/."""
    found = {}
    for file in CRDS.glob("*.yaml"):
        for definition in yaml.safe_load_all(file.read_text()):
            spec = definition["spec"]
            for version in spec["versions"]:
                whole = closed(version["schema"]["openAPIV3Schema"])
                whole["properties"] |= {"apiVersion": {}, "kind": {}, "metadata": {"type": "object"}}
                found[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = whole
    return found


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """A structural schema of Kubernetes as JSON Schema that admits no other properties."""
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    made = {
        key: value for key, value in schema.items() if key in {"type", "enum", "required", "pattern", "minimum", "maximum", "items"}
    }
    if schema.get("nullable") and "type" in made:
        made["type"] = [made["type"], "null"]
    if "items" in schema:
        made["items"] = closed(schema["items"])
    if "properties" in schema:
        made["properties"] = {name: closed(inner) for name, inner in schema["properties"].items()}
        made["additionalProperties"] = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    elif isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = closed(schema["additionalProperties"])
    return made
