"""Making the files of a plan that are not there yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from emoterm.bundle import Bundle
from emoterm.errors import BundleError, DeviceError
from emoterm.files import remove_leftovers, write_atomic
from emoterm.imaging.png import encode_png
from emoterm.pipeline import DECODED_AT_ONCE, Pipeline
from emoterm.prior import Progress
from emoterm.session import short_name
from emoterm.shards.parquet import encode, is_whole
from emoterm.shards.plan import Plan, Shard


class Maker:
    """The models of a bundle, and a plan for them. What it makes depends on the plan alone.

    Args:
        bundle: the open bundle that the plan names.
        plan: what is to be made.
        pipeline: of that bundle, if it is there already.
        batch_size: as in :meth:`emoterm.prior.Prior.generate`.
        threads: as in :class:`emoterm.prior.Prior`.

    Raises:
        BundleError: another bundle.
        DeviceError: the model does not run on the device of the plan.
    """

    def __init__(
        self, bundle: Bundle, plan: Plan, *, pipeline: Pipeline | None = None, batch_size: int | None = None, threads: int | None = None
    ) -> None:
        if bundle.sha256 != plan.bundle_sha256:
            what = f"{bundle.path} is not the bundle of the plan, {plan.bundle_name} {plan.bundle_version}."
            raise BundleError(what, fix="Name that one with --bundle.")
        self.plan = plan
        self.pipeline = pipeline or Pipeline.of(bundle, device=plan.device, threads=threads)
        self._batch_size = batch_size
        found = short_name(self.pipeline.prior.provider)
        if found != plan.device:
            raise DeviceError(f"The plan is for {plan.device}, the model runs on {found}.", fix=f"--device {plan.device}")

    def make(self, file: int, on_progress: Progress | None = None) -> bytes:
        """The bytes of one file.

        Args:
            file: its number.
            on_progress: called with the tokens done and the tokens of the file.
        """
        plan, pictures = self.plan, self.plan.pictures(file)
        brief = self.pipeline.brief(plan.request, seed=plan.seed, pictures=pictures)
        tokens = self.pipeline.sample(
            brief,
            seed=plan.seed,
            params=plan.params,
            first_picture=pictures.start,
            batch_size=self._batch_size,
            on_progress=on_progress,
        )
        images: list[bytes] | None = None
        if plan.images:
            images = []
            for start in range(0, len(tokens), DECODED_AT_ONCE):
                images += map(encode_png, self.pipeline.pixels(tokens[start : start + DECODED_AT_ONCE]))
                if on_progress is not None:
                    on_progress(tokens.size, tokens.size)  # nothing new, but a moment to stop at
        return encode(plan, file, brief, tokens, images)

    def write(self, folder: Path, file: int, on_progress: Progress | None = None) -> Path:
        """Make one file in the folder of the plan: whole, or not at all. One that is there is replaced.

        Raises:
            OutputError: it cannot be written.
        """
        target = folder / self.plan.name(file)
        write_atomic(target, self.make(file, on_progress), force=True)
        return target


def missing(folder: Path, plan: Plan, shard: Shard) -> list[int]:
    """The files of a shard that are not there, or are not what the plan says; temporary files that a kill left are removed."""
    remove_leftovers(folder)
    return [file for file in plan.files(shard) if not is_whole(folder / plan.name(file), plan, file)]


def fill(
    maker: Maker,
    folder: Path,
    files: list[int],
    *,
    on_progress: Callable[[int, int], None] | None = None,
    on_file: Callable[[Path], None] | None = None,
) -> int:
    """Make files one after the other; whatever interrupts, those that are done stay, and :func:`missing` finds the others.

    Args:
        maker: the models and the plan.
        folder: the folder of the plan.
        files: their numbers.
        on_progress: called with the pictures done and the pictures of all these files.
        on_file: called with each file, once it is written.

    Returns:
        Pictures made.

    Raises:
        OutputError: a file cannot be written.
    """
    plan = maker.plan
    total, done = sum(len(plan.pictures(file)) for file in files), 0
    for file in files:
        size = len(plan.pictures(file))

        def report(tokens: int, of: int, *, before: int = done, size: int = size) -> None:
            if on_progress is not None:
                on_progress(before + tokens * size // of, total)

        path = maker.write(folder, file, report)
        done += size
        if on_file is not None:
            on_file(path)
    return done
