"""The example is the reference of the configuration: complete, true to the defaults, and every key explained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from worker.config import Settings
from worker.config_file import InvalidConfig, parse_settings

EXAMPLE = Path(__file__).resolve().parents[1] / "config.example.yaml"
KEY_LINE = re.compile(r" *[A-Za-z_]+:( |$)")


def keys_of(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """The dotted paths of all keys of a settings class, in its order."""
    for name, field in model.model_fields.items():
        yield above + name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys_of(field.annotation, f"{above}{name}.")


def keys_in(mapping: dict[str, object], above: str = "") -> Iterator[str]:
    """The dotted paths of all keys of a parsed file, in its order."""
    for name, value in mapping.items():
        yield above + name
        if isinstance(value, dict):
            yield from keys_in(value, f"{above}{name}.")


def text() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


def test_the_example_is_the_defaults() -> None:
    assert parse_settings(text(), name=EXAMPLE.name) == Settings()


def test_the_example_needs_nothing_from_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in re.findall(r"\$\{([A-Z_]+)\}", text()):
        monkeypatch.delenv(name, raising=False)
    parse_settings(text())


def test_the_example_has_every_key_and_no_other_in_the_order_of_the_classes() -> None:
    assert list(keys_in(yaml.safe_load(text()))) == list(keys_of(Settings))


def test_every_key_has_a_comment_above_it_or_beside_it() -> None:
    lines = text().splitlines()
    bare = [
        line.strip()
        for above, line in zip(["", *lines], lines, strict=False)
        if KEY_LINE.match(line) and " # " not in line and not above.lstrip().startswith("# ")
    ]
    assert not bare


def test_a_change_of_the_example_is_noticed() -> None:
    with pytest.raises(InvalidConfig, match="unknown key"):
        parse_settings(text().replace("page_timeout:", "page_time_out:"))
    assert parse_settings(text().replace("page_timeout: 20s", "page_timeout: 21s")) != Settings()
