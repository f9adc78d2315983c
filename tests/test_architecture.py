"""Who may import whom: only from the floors below, on the lowest and highest also from beside, at the top; article/ stays pure."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import worker

ROOT = Path(worker.__file__).parent
FLOORS = {
    **dict.fromkeys(("", "errors", "records", "budget", "breaker", "config", "config_file", "logs", "metrics"), 0),
    **dict.fromkeys(("pace", "heap"), 0),
    **dict.fromkeys(("article", "dedup", "offsets", "http"), 1),
    **dict.fromkeys(("pool", "stream"), 2),
    **dict.fromkeys(("pipeline", "extracting"), 3),
    "service": 4,
    **dict.fromkeys(("cli", "backfilling", "dlq", "console", "__main__"), 5),
}
FILES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path for path in ROOT.rglob("*.py")
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}


def room(module):
    return module.removeprefix("worker").removeprefix(".").partition(".")[0]


def imported(module):
    """Modules that a module imports, as full names."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in TREES else node.module


@pytest.mark.parametrize("module", sorted(TREES))
def test_a_module_imports_from_below_and_on_the_outer_floors_from_beside(module):
    for other in imported(module):
        if other.partition(".")[0] == "worker" and room(other) != room(module):
            assert FLOORS[room(other)] <= FLOORS[room(module)], f"{module} imports {other}"
            if FLOORS[room(other)] == FLOORS[room(module)]:
                assert FLOORS[room(module)] in (0, 5), f"{module} imports its neighbour {other}"


def test_no_modules_import_each_other_in_a_circle():
    graph = {module: {other for other in imported(module) if other in TREES and other != module} for module in TREES}
    assert set(TopologicalSorter(graph).static_order()) == set(TREES)


@pytest.mark.parametrize("module", sorted(TREES))
def test_imports_stand_at_the_top(module):
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert not [inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]
        assert not (isinstance(node, ast.Name) and node.id == "TYPE_CHECKING")


@pytest.mark.parametrize("module", [module for module in sorted(TREES) if room(module) == "article"])
def test_articles_are_pure(module):
    assert not {other.partition(".")[0] for other in imported(module)} & {
        "asyncio",
        "aiokafka",
        "time",
        "random",
        "socket",
        "redis",
    }
    calls = [node for node in ast.walk(TREES[module]) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    assert not [call.lineno for call in calls if call.func.attr in ("now", "utcnow", "today")], "no clock"


def test_every_room_has_its_floor():
    assert {room(module) for module in TREES} <= set(FLOORS)
