"""`make chaos`: break things for as long as one likes, and say what came of it.

python -m tests.chaos.run --minutes 30 --seed 7 --guarantee exactly_once
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.battle import Battle, durable_redis, setup_for
from tests.kafka_broker import running_cluster


def main() -> None:
    """Exit status 0: nothing was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(description="Break a cluster of three brokers, Redis and three workers, and check every page.")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=None, help="replays a schedule; without one it is drawn, and printed")
    parser.add_argument("--rate", type=float, default=50.0, help="pages a second")
    parser.add_argument("--guarantee", choices=("exactly_once", "at_least_once"), default="exactly_once")
    arguments = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if arguments.seed is None else arguments.seed
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    print(f"seed {seed}, {arguments.guarantee}, {arguments.minutes:g} minutes; the workers' logs are in {folder}", flush=True)
    with running_cluster(nodes=3) as cluster, durable_redis(folder / "redis") as redis:
        setup = setup_for(cluster, redis, "chaos", folder, arguments.guarantee)
        battle = Battle(cluster, redis, setup, seed=seed, say=lambda line: print(line, flush=True))
        report = asyncio.run(battle.fight(arguments.minutes * 60, rate=arguments.rate))
        if report.broken:  # what the brokers wrote tells what was committed, and when
            shutil.copytree(cluster.folder, folder / "brokers")
            print(f"the brokers' files are in {folder / 'brokers'}")
    print(report)
    for fault in report.broken[:50]:
        print(f"BROKEN {fault}")
    sys.exit(1 if report.broken else 0)


if __name__ == "__main__":
    main()
