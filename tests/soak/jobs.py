"""What is killed: library writes, sampling into a folder, putting a bundle in place, training. Another way of writing is one more class."""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
from pathlib import Path

import numpy as np

from emoterm.bundle import open_bundle
from emoterm.imaging.load import open_image, read_file, reading
from emoterm.imaging.metadata import read_recipe
from emoterm.library import Library
from emoterm.recipe import Recipe
from emoterm.session import load_onnxruntime
from tests.drawing import write_emojis
from tests.hostile.targets import TINY
from tests.soak.kills import Told, run_whole

RECIPE = Recipe("sample", {"seed": 7}, "tiny", "1", "0" * 64)


def read_whole(path: Path) -> Recipe | None:
    """Decode every pixel of a picture, and read its recipe."""
    data, label = read_file(path)
    with open_image(data, label) as image, reading(label):
        image.load()
    return read_recipe(data)


class LibraryWrites:
    """Keep pictures, mark, delete and restore some of them."""

    name = "library writes"
    share = 0.02
    N = 4

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "library"
        self.told = Told(folder / "told")
        self._noise = np.random.default_rng(0).integers(0, 255, (64, 64, 4), np.uint8)

    def work(self) -> None:
        library = Library(self.folder)
        for i in range(self.N):
            kept = library.keep(self._noise, RECIPE, name="cat")
            self.told.add(f"kept {kept.path.name}")
            if i % 2:
                library.set_favourite(kept, True)
                self.told.add(f"favourite {kept.path.name}")
            else:
                self.told.add(f"kept {library.restore(library.delete(kept)).name}")

    def check(self) -> int:
        library = Library(self.folder)
        deleted = list((self.folder / ".deleted").glob("*.png"))
        there = [kept.path for kept in library.entries()]
        for path in (*there, *deleted):
            assert read_whole(path) == RECIPE, path
        lines = {line for line in self.told.lines() if line}
        names = {line.removeprefix("kept ") for line in lines if line.startswith("kept ")}
        favourites = {kept.path.name for kept in library.entries() if kept.favourite}
        marked = {line.removeprefix("favourite ") for line in lines if line.startswith("favourite ")}
        # A name may have been freed by a delete that was then killed: the picture is among the deleted.
        missing = len(names - {path.name for path in there}) - len(deleted)
        return max(0, missing) + len(marked - favourites)

    def finish(self) -> int:
        run_whole(self.work)
        lost = self.check()
        shutil.rmtree(self.folder)
        self.told.path.unlink()
        return lost


class SampleFolder:
    """``emoterm sample --each DIR``, as a user would run it."""

    name = "sampling to a folder"
    share = 0.12
    N = 3

    def __init__(self, folder: Path) -> None:
        import emoterm.cli.sample
        import emoterm.prior
        import emoterm.recreate  # noqa: F401  what every child would import again

        load_onnxruntime()
        self.folder = folder / "emojis"

    def work(self) -> None:
        from emoterm.cli.main import app

        sys.stdout = sys.stderr = io.TextIOWrapper(io.BytesIO())
        with contextlib.suppress(SystemExit):
            app(
                [
                    "sample",
                    "--bundle",
                    str(TINY),
                    "--n",
                    str(self.N),
                    "--seed",
                    "7",
                    "--each",
                    str(self.folder),
                    "--force",
                    "--device",
                    "cpu",
                ]
            )

    def check(self) -> int:
        for path in self.folder.glob("*.png"):
            assert read_whole(path) is not None, path
        return 0

    def finish(self) -> int:
        run_whole(self.work)
        self.check()
        lost = self.N - len(list(self.folder.glob("*.png")))
        shutil.rmtree(self.folder)
        return lost


class InstallBundle:
    """The step of ``emoterm export`` that puts a finished bundle in place of another one."""

    name = "export, putting a bundle in place"
    share = 0.06

    def __init__(self, folder: Path, suffix: str = ".emoterm") -> None:
        from export.build_bundle import install  # here, because every child would import it again

        self._install = install
        self.folder = folder
        self.out = folder / f"bundle{suffix}"

    def work(self) -> None:
        with self._finished() as finished:
            self._install(finished, self.out)

    @contextlib.contextmanager
    def _finished(self):  # type: ignore[no-untyped-def]
        import tempfile

        with tempfile.TemporaryDirectory(prefix=".bundle-", dir=self.folder) as temporary:
            yield Path(shutil.copytree(TINY, Path(temporary) / "bundle"))

    def check(self) -> int:
        if self.out.exists():
            with open_bundle(self.out) as bundle:
                bundle.verify()
        return 0

    def finish(self) -> int:
        run_whole(self.work)
        assert self.out.exists()
        self.check()
        for left in self.folder.glob(".bundle-*"):
            shutil.rmtree(left)
        return 0


class Training:
    """``emoterm train vqvae`` on the tiny recipe, some steps long; it has to end at the weights of an unbroken run."""

    name = "training"
    share = 0.54
    OVERRIDES = {  # noqa: RUF012
        "vqvae_optim.epochs": "1",
        "vqvae_optim.batch_size": "8",
        "vqvae_optim.checkpoint_every_steps": "1",
        "vqvae_optim.eval_every_epochs": "1",
    }

    def __init__(self, folder: Path) -> None:
        import torch

        import trainer.train
        from trainer.data import load_emojis

        torch.set_num_threads(1)
        trainer.train.draw_vqvae_figures = lambda *_: None  # drawn after the weights, and slow
        self.data = str(write_emojis(folder / "emojis.parquet"))
        load_emojis(self.data, size_px=64)  # imports what every child would import again
        self.run = folder / "run"
        self._wanted: dict[str, object] | None = None

    def work(self) -> None:
        from trainer.train import run_training

        sys.stdout = sys.stderr = io.TextIOWrapper(io.BytesIO())
        run_training("vqvae", "tiny", self.data, self.run, self.OVERRIDES)

    def check(self) -> int:
        from trainer import checkpoint

        if (self.run / "vqvae" / "checkpoint").exists():
            checkpoint.load(self.run / "vqvae" / "checkpoint")  # raises where it is half-written
        weights = self.run / "vqvae" / "weights.safetensors"
        if weights.exists():
            checkpoint.load_weights(weights, "")
        return 0

    def finish(self) -> int:
        from trainer import checkpoint

        run_whole(self.work)
        weights = checkpoint.load_weights(self.run / "vqvae" / "weights.safetensors", "")
        found = {name: value.numpy().tobytes() for name, value in weights.items()}
        self._wanted = self._wanted or found  # of the first run, which nobody killed
        assert found == self._wanted, "a resumed run ended at other weights"
        shutil.rmtree(self.run)
        return 0


JOBS = (LibraryWrites, SampleFolder, InstallBundle, Training)
