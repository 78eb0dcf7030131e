"""Emojis by the million on a Ray cluster: Ray Data hands the files of a plan to actors, one for each device.

    pip install "emoterm[ray]"
    python examples/ray_sample.py --n 1000000 --seed 7 --to /shared/emojis --workers 8 --gpus-per-worker 1

The folder is one that all machines see. It ends up the same as that of `emoterm sample --n 1000000 --seed 7 --to …` on one machine, byte
for byte on CPUs; and a run that was cut off is continued by the same command, by this one or by `emoterm sample`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import ray

from emoterm.bundle import open_bundle
from emoterm.pipeline import Pipeline
from emoterm.request import Request
from emoterm.sampling import law_of
from emoterm.shards.maker import Maker, missing
from emoterm.shards.plan import PER_FILE, Plan, Shard, make_plan, settle

FILES_PER_TASK = 8
"""Enough that handing them out costs nothing beside making them, few enough that no actor idles for long at the end."""


class Worker:
    """One device with its models loaded once.

    Args:
        bundle: where the bundle is, on every machine; None for the one that ships.
        plan: what is to be made.
        folder: where, on every machine.
        threads: that share the work on a CPU.
    """

    def __init__(self, bundle: str | None, plan: Plan, folder: str, threads: int) -> None:
        self._folder = Path(folder)
        self._maker = Maker(open_bundle(bundle), plan, threads=threads)

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, Any]:
        """Write the files whose numbers are in ``batch["id"]``; tell how many pictures each has, and which worker made it."""
        files = [int(number) for number in batch["id"]]
        for file in files:
            self._maker.write(self._folder, file)
        made = [len(self._maker.plan.pictures(file)) for file in files]
        return {
            "file": np.array(files),
            "made": np.array(made),
            "worker": np.array([ray.get_runtime_context().get_actor_id()] * len(files)),
        }


def main() -> None:
    """Make a plan, settle it in the folder, let the actors fill in what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--to", type=Path, required=True, help="a folder that all machines see")
    parser.add_argument("--prompt", default="")
    parser.add_argument("--style")
    parser.add_argument("--png", action="store_true")
    parser.add_argument("--per-file", type=int, default=PER_FILE)
    parser.add_argument("--bundle", help="a path that all machines see")
    parser.add_argument("--workers", type=int, default=1, help="actors, one for each device")
    parser.add_argument("--gpus-per-worker", type=float, default=0, help="0: on CPUs")
    parser.add_argument("--cpus-per-worker", type=float, default=1)
    parser.add_argument("--address", help="of a running cluster; without it, one is started here")
    arguments = parser.parse_args()

    with open_bundle(arguments.bundle) as bundle:
        pipeline = Pipeline.of(bundle)
        parsed = pipeline.parse(arguments.prompt, style=arguments.style)
        request = Request.from_prompt(parsed, by_chance=not arguments.prompt)
        brief = pipeline.brief(request, seed=arguments.seed, pictures=range(1))
        plan = make_plan(
            bundle,
            request.answered_by(brief),
            n=arguments.n,
            seed=arguments.seed,
            params=law_of(pipeline.usual(brief)),
            device="cuda" if arguments.gpus_per_worker else "cpu",
            prompt=arguments.prompt,
            images=arguments.png,
            per_file=arguments.per_file,
        )
    folder = arguments.to.resolve()
    settle(folder, plan)
    files = missing(folder, plan, Shard())
    print(f"{plan.n_files - len(files)} of {plan.n_files} files are there already")
    if not files:
        return

    if arguments.address:
        ray.init(address=arguments.address)
    else:
        ray.init(num_cpus=max(1, round(arguments.workers * arguments.cpus_per_worker)), include_dashboard=False)
    tasks = max(1, min(len(files), max(arguments.workers, len(files) // FILES_PER_TASK)))
    threads = max(1, round(arguments.cpus_per_worker))
    rows = (
        ray.data.from_items([{"id": file} for file in files], override_num_blocks=tasks)
        .map_batches(
            Worker,
            fn_constructor_args=(arguments.bundle, plan, str(folder), threads),
            # One task at a time, so that whichever worker is free gets the next.
            compute=ray.data.ActorPoolStrategy(size=arguments.workers, max_tasks_in_flight_per_actor=1),
            num_cpus=arguments.cpus_per_worker,
            num_gpus=arguments.gpus_per_worker or None,
            batch_size=1,
        )
        .iter_rows()
    )
    made, workers = 0, set()
    for row in rows:
        made += int(row["made"])
        workers.add(row["worker"])
    print(f"{made} emojis in {len(files)} files; workers that took part: {len(workers)}")


if __name__ == "__main__":
    main()
