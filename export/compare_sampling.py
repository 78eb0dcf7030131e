"""``python -m export.compare_sampling``: the same sample metrics under several sampling settings, as a Markdown table.

    python -m export.compare_sampling --data emojis.parquet --judge runs/judge temperature=0.95,top_k=100 temperature=1 guidance=2

Each setting is a list of changes to the bundle's own; ``default`` changes nothing. Everything but the samples is measured once.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from emoterm.bundle import open_bundle
from emoterm.errors import EmotermError
from emoterm.sampling import SamplingParams
from export.sample_yardstick import SampleYardstick
from trainer.data import load_emojis
from trainer.errors import TrainerError
from trainer.judge.run import load_judge

DEFAULT = "default"


def parse_setting(text: str, base: SamplingParams) -> SamplingParams:
    """``"temperature=0.9,top_k=none"`` on top of ``base``.

    Raises:
        TrainerError: not of this form, or no such field.
        UsageError: a value out of range.
    """
    changes: dict[str, Any] = {}
    for change in [] if text == DEFAULT else text.split(","):
        name, _, value = change.partition("=")
        if name not in asdict(base):
            raise TrainerError(
                f"{text}: no setting {name!r}.", fix=f"Settings: {', '.join(asdict(base))}, as in temperature=0.9,top_k=none"
            )
        try:
            changes[name] = None if value == "none" else int(value) if name == "top_k" else float(value)
        except ValueError:
            raise TrainerError(f"{text}: {value!r} is no number.", fix="Write it like temperature=0.9,top_k=none") from None
    return replace(base, **changes)


def markdown(rows: dict[str, dict[str, float]]) -> list[str]:
    """Column name → metric → value, as the lines of a table with a column for each."""
    lines = [f"| metric | {' | '.join(rows)} |", "|---" * (len(rows) + 1) + "|"]
    return lines + [f"| {metric} | {' | '.join(f'{row[metric]:.3f}' for row in rows.values())} |" for metric in next(iter(rows.values()))]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m export.compare_sampling", description="Measure samples under several settings.")
    parser.add_argument(
        "settings", nargs="+", metavar="SETTING", help="changes to the bundle's sampling, such as temperature=0.9; or default"
    )
    parser.add_argument("--data", required=True, help="any source of training data")
    parser.add_argument("--judge", type=Path, required=True, metavar="RUN", help="run of python -m trainer.judge")
    parser.add_argument("--bundle", type=Path, help="default: the one that ships")
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--prompts", type=int, default=250, help="names of each kind")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    try:
        with open_bundle(args.bundle) as bundle:
            base = SamplingParams(**vars(bundle.manifest.prior.sampling))
            settings = {text: parse_setting(text, base) for text in args.settings}
            yardstick = SampleYardstick(bundle, load_judge(args.judge), load_emojis(args.data), prompts=args.prompts, narrate=_narrate)
            rows: dict[str, dict[str, float]] = {}
            for text, params in settings.items():
                measured = yardstick.score(params, n=args.samples, seed=args.seed)["metrics"]
                rows[text] = {name: values["samples"] for name, values in measured.items()}
                _narrate(f"{text}: {rows[text]}")
            rows |= {name: {metric: values[name] for metric, values in measured.items()} for name in ("reconstructions", "real")}
    except (TrainerError, EmotermError) as error:
        parser.exit(1, f"error: {error}\n")
    print("\n".join(markdown(rows)))


def _narrate(line: str) -> None:
    print(line, flush=True, file=sys.stderr)


if __name__ == "__main__":
    main()
