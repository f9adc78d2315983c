"""The YAML file: read safely, with every fault at its line.

A string may name a secret instead of holding it: `${NAME}` is an environment variable, `${file:/run/secrets/x}` a mounted file
(its last newline is dropped), `$${` a literal `${`.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ValidationError

from worker.config import Settings
from worker.errors import ConfigError

_REFERENCE = re.compile(r"\$(?P<escaped>\$\{)|\$\{(?:file:(?P<file>[^}]+)|(?P<env>[A-Za-z_][A-Za-z0-9_]*))\}|(?P<odd>\$\{)")

_QUOTED = re.compile(r"""(['"])(?!<).{2,}\1""")  # what a parser cites of the file; not a token's name, nor a single character

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the file."""

    line: int  # 1 is the first; 0 where the file as a whole is meant
    key: str  # dotted
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.key}: {self.message}" if self.key else f"{where}{self.message}"


class InvalidConfig(ConfigError):
    """The file has faults; `faults` holds all of them, in the order of their lines."""

    def __init__(self, path: str, faults: list[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: (fault.line, fault.key))
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n".join([f"{path} has {count}:", *(f"  {fault}" for fault in self.faults)]))


def load_settings(path: Path) -> Settings:
    """The settings that a file holds.

    Raises:
        InvalidConfig: the file can't be read, is not YAML, or does not fit the settings; all faults at once.
    """
    try:
        return parse_settings(path.read_text(encoding="utf-8"), name=str(path))
    except OSError as error:
        raise InvalidConfig(str(path), [Fault(0, "", f"can't be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise InvalidConfig(str(path), [Fault(0, "", f"is not UTF-8: {error.reason} at byte {error.start}")]) from None


def parse_settings(text: str, *, name: str = "the configuration") -> Settings:
    """As `load_settings`, from the text of a file."""
    reader = _Reader()
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = None if root is None else reader.value(root, ())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problem = _QUOTED.sub("...", error.problem or error.context or "")  # it may be a password that begins with ! or *
        raise InvalidConfig(name, [Fault(line, "", f"is not YAML: {problem}")]) from None
    except yaml.YAMLError as error:
        raise InvalidConfig(name, [Fault(0, "", f"is not YAML: {error}")]) from None
    except RecursionError:
        raise InvalidConfig(name, [Fault(0, "", "is nested too deeply, or an alias holds itself")]) from None
    if values is None and not reader.faults:
        values = {}  # nothing but comments
    if not isinstance(values, dict):
        raise InvalidConfig(name, [Fault(1, "", "expected a mapping of settings")])
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        known = {fault.key for fault in reader.faults}
        reader.faults += [fault for fault in _faults(error, reader.lines) if fault.key not in known]
    if reader.faults:
        raise InvalidConfig(name, reader.faults)
    return settings


class _Reader:
    """Turns YAML nodes into values, remembering each key's line."""

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.faults: list[Fault] = []
        self._scalars = yaml.SafeLoader("")

    def value(self, node: yaml.Node, path: KeyPath) -> object:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        try:
            value: object = self._scalars.construct_object(node)
        except yaml.YAMLError:
            self._fault(path, "a YAML tag is not allowed; write text that begins with ! in quotes")
            return None
        except (ValueError, LookupError, AttributeError):  # PyYAML constructs 2026-13-45 and !!int x without a look
            self._fault(path, f"is no {node.tag.rpartition(':')[2]}; write text in quotes")
            return None
        return self._resolved(value, path) if isinstance(value, str) else value

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.lines[*path, "?"] = key_node.start_mark.line + 1
                self._fault((*path, "?"), "a key must be a name")
                continue
            key = key_node.value
            inner = (*path, key)
            self.lines[inner] = key_node.start_mark.line + 1
            if key in values:
                self._fault(inner, "stands twice")
            values[key] = self.value(value_node, inner)
        # A section whose keys are all commented out reads as null; it means its defaults.
        return {key: value for key, value in values.items() if value is not None or not _is_section((*path, key))}

    def _resolved(self, value: str, path: KeyPath) -> str:
        def replacement(match: re.Match[str]) -> str:
            if match["escaped"]:
                return "${"
            if match["file"]:
                try:
                    return Path(match["file"]).read_text(encoding="utf-8").removesuffix("\n")
                except OSError as error:
                    self._fault(path, f"the file {match['file']} can't be read: {error.strerror}")
                    return ""
                except ValueError:  # not UTF-8, or a NUL in the name
                    self._fault(path, f"the file {match['file']!r} holds no UTF-8 text")
                    return ""
            if match["odd"]:
                self._fault(path, "expected ${NAME} or ${file:/path}; a literal ${ is written $${")
                return ""
            if match["env"] not in os.environ:
                self._fault(path, f"the environment variable {match['env']} is not set")
            return os.environ.get(match["env"], "")

        return _REFERENCE.sub(replacement, value)

    def _fault(self, path: KeyPath, message: str) -> None:
        self.faults.append(Fault(self.lines[path], _dotted(path), message))


def _model_at(path: KeyPath) -> type[BaseModel] | None:
    """The settings class that stands at a path, if one does."""
    model: type[BaseModel] | None = Settings
    for step in path:
        kind = model.model_fields[step].annotation if model and isinstance(step, str) and step in model.model_fields else None
        model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    return model


def _is_section(path: KeyPath) -> bool:
    return _model_at(path) is not None


def _faults(error: ValidationError, lines: dict[KeyPath, int]) -> Iterator[Fault]:
    for found in error.errors(include_url=False, include_input=False):
        path = found["loc"]
        line_of = next((path[:size] for size in range(len(path), -1, -1) if path[:size] in lines), ())
        yield Fault(lines.get(line_of, 0), _dotted(path), _message(found["type"], found["msg"], path))


def _message(kind: str, message: str, path: KeyPath) -> str:
    if kind != "extra_forbidden":
        return message.removeprefix("Value error, ")
    model = _model_at(path[:-1])
    names = sorted(model.model_fields) if model else []
    close = difflib.get_close_matches(str(path[-1]), names, n=1)
    return f"unknown key; did you mean {close[0]!r}?" if close else f"unknown key; expected one of {', '.join(names)}"


def _dotted(path: KeyPath) -> str:
    return ".".join(str(step) for step in path)
