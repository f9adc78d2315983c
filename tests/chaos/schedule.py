"""What is broken when: a plan that a seed determines."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

GAP_S: Final = (1.0, 6.0)  # between two beginnings
CALM_BEFORE_S: Final = 3.0  # workers join, claims are made


@dataclass(frozen=True, slots=True)
class Kind:
    """What a fault is done to, how long it lasts in seconds, and how often it is chosen beside the others."""

    target: str
    lasts_s: tuple[float, float]
    weight: int


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "worker SIGKILL": Kind("worker", (0.0, 5.0), 4),
        "worker SIGTERM": Kind("worker", (0.0, 3.0), 2),
        "worker SIGSTOP": Kind("worker", (8.0, 12.0), 3),  # beyond the session timeout: a zombie writes when it wakes
        "child SIGKILL": Kind("child", (0.0, 0.0), 4),
        "broker SIGTERM": Kind("broker", (2.0, 8.0), 2),
        "broker SIGKILL": Kind("broker", (2.0, 8.0), 2),
        "broker SIGSTOP": Kind("broker", (3.0, 20.0), 2),  # connections stay open, nothing answers; beyond 9 s others take over
        "redis SIGKILL": Kind("redis", (0.5, 4.0), 2),
        "redis SIGSTOP": Kind("redis", (0.5, 6.0), 2),
    }
)
RECOVERY_S: Final = {"broker": 15.0, "worker": 4.0}  # a target is left alone for so long after a fault


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is broken: begins `at_s` after the start, ends `lasts_s` later."""

    at_s: float
    kind: str
    index: int  # which worker or broker
    lasts_s: float

    def __str__(self) -> str:
        return f"{self.at_s:7.1f} s  {self.kind} {self.index} for {self.lasts_s:.1f} s"


def plan(seed: int, duration_s: float, *, workers: int, brokers: int) -> list[Fault]:
    """The faults of a run.  One broker at a time, so that two stay in sync; one Redis; any number of workers."""
    dice = random.Random(seed)
    counts = {"worker": workers, "child": workers, "broker": brokers, "redis": 1}
    busy_until: dict[tuple[str, int], float] = {}
    faults = []
    now = CALM_BEFORE_S
    while now < duration_s:
        free = [
            (name, index)
            for name, kind in KINDS.items()
            for index in range(counts[kind.target])
            if now >= busy_until.get(_resource(kind, index), 0.0)
        ]
        if not free:
            now += 1.0
            continue
        name, index = dice.choices(free, [KINDS[name].weight / counts[KINDS[name].target] for name, _ in free])[0]
        kind = KINDS[name]
        lasts_s = round(dice.uniform(*kind.lasts_s), 1)
        faults.append(Fault(round(now, 1), name, index, lasts_s))
        if kind.target != "child":
            busy_until[_resource(kind, index)] = now + lasts_s + RECOVERY_S.get(kind.target, 0.0)
        now += dice.uniform(*GAP_S)
    return faults


def _resource(kind: Kind, index: int) -> tuple[str, int]:
    """What two faults must not be done to at once: all brokers are one, and a child is its worker's."""
    return (kind.target, 0) if kind.target == "broker" else ("worker" if kind.target == "child" else kind.target, index)
