"""What a folder of emojis will hold, and which of its files is whose.

The folder is cut into files of equal length by the index of the pictures, whatever the number of shards; a shard of N is every N-th
file. So all partitions end in the same files, and a run may be continued with another number of shards. The plan is a small JSON beside
the files.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from emoterm import __version__
from emoterm.bundle import Bundle
from emoterm.errors import OutputError, UsageError
from emoterm.files import write_atomic
from emoterm.request import Request
from emoterm.safe_text import quoted
from emoterm.sampling import MAX_SEED, SamplingParams
from emoterm.strict_json import parse_strictly
from emoterm.typed_json import build

SCHEMA_VERSION = 3
PLAN_FILE = "_emoterm.json"
"""Readers of parquet folders pass over names that begin with an underscore or a dot."""
PER_FILE = 1024
"""Less than a minute of two cores, which is what a kill loses; their tokens are 300 kB, their PNGs 4 MB."""
MAX_PER_FILE = 1 << 16
MAX_N = 10**12
MAX_PLAN_BYTES = 1 << 20
"""Of the JSON; what is not the prompt takes half a kilobyte."""

_WITHOUT: dict[str, object] = {
    "color": None,
    "feeling": None,
    "worn": (),
    "group": None,
    "search_version": 1,
    "glasses_in_front": False,
}
_LAW_WITHOUT: dict[str, object] = {"min_p": 0.0}
_SHARD = re.compile(r"(\d{1,9})/(\d{1,9})")


@dataclass(frozen=True)
class Shard:
    """Part ``number`` of ``of``, counted from 1."""

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``3/64``.

        Raises:
            UsageError: not of that form, or a number out of range.
        """
        found = _SHARD.fullmatch(text.strip())
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            raise UsageError(f"--shard should be K/N with K from 1 to N, is {quoted(text)}.", fix="The third of 64: --shard 3/64")
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Plan:
    """Everything that the pictures of a folder depend on.

    Raises:
        UsageError: a number out of range.
    """

    n: int
    """Pictures in all files together."""
    seed: int
    params: SamplingParams
    device: str
    """``cpu`` or ``cuda``: the same seed does not promise the same pictures on both."""
    bundle_name: str
    bundle_version: str
    bundle_sha256: str
    prompt: str = ""
    """As typed."""
    request: Request = field(default_factory=Request)
    """What every picture should be."""
    images: bool = False
    """Whether the pictures are there as PNG beside their tokens."""
    per_file: int = PER_FILE
    """Pictures in a file; the last one may hold fewer."""
    emoterm: str = field(default=__version__)

    def __post_init__(self) -> None:
        if not 1 <= self.n <= MAX_N:
            raise UsageError(f"--n must be between 1 and {MAX_N}, is {self.n}.")
        if not 0 <= self.seed <= MAX_SEED:
            raise UsageError(f"--seed must be between 0 and {MAX_SEED}, is {self.seed}.")
        if not 1 <= self.per_file <= MAX_PER_FILE:
            raise UsageError(f"--per-file must be between 1 and {MAX_PER_FILE}, is {self.per_file}.")

    @property
    def n_files(self) -> int:
        """Files of all shards together."""
        return -(-self.n // self.per_file)

    def pictures(self, file: int) -> range:
        """The indices of the pictures in a file."""
        return range(file * self.per_file, min(self.n, (file + 1) * self.per_file))

    def files(self, shard: Shard) -> range:
        """The files of a shard; none where there are more shards than files."""
        return range(shard.number - 1, self.n_files, shard.of)

    def name(self, file: int) -> str:
        """The name of a file in the folder."""
        digits = max(5, len(str(self.n_files)))
        return f"emojis-{file:0{digits}}-of-{self.n_files:0{digits}}.parquet"

    def to_json(self) -> str:
        """The text of :data:`PLAN_FILE`; the same plan always gives the same text."""
        said = asdict(self)
        said |= said.pop("request")
        for part, without in ((said, _WITHOUT), (said["params"], _LAW_WITHOUT)):
            for name, value in without.items():  # left out as in plans from before there were such, which go on
                if part[name] == value:
                    del part[name]
        return json.dumps({"schema_version": SCHEMA_VERSION, **said}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, *, where: str) -> Plan:
        """Parse what :meth:`to_json` wrote.

        Raises:
            OutputError: it is none.
        """
        try:
            found = parse_strictly(text)
            if not isinstance(found, dict) or found.get("schema_version") != SCHEMA_VERSION:
                raise ValueError("another schema_version")
            asked = {each.name: found[each.name] for each in fields(Request) if each.name in found}
            plan: Plan = build(cls, {**found, "request": asked}, path="plan", max_text_chars=MAX_PLAN_BYTES)
            if json.loads(plan.to_json()) != found:
                raise ValueError("a key too many")
            return plan
        except RecursionError:
            raise _damaged(where, "goes too deep") from None
        except (ValueError, UsageError) as error:
            raise _damaged(where, error) from None

    def differences(self, other: Plan) -> list[str]:
        """What makes ``other`` another plan, for people: ``seed 7, not 8``."""
        mine, theirs = _flat(self), _flat(other)
        return [f"{name} {_shown(mine[name])}, not {_shown(theirs[name])}" for name in mine if mine[name] != theirs[name]]


def make_plan(bundle: Bundle, request: Request, **parts: Any) -> Plan:
    """A plan for an open bundle; ``parts`` are the fields of :class:`Plan` but those of bundle and version."""
    manifest = bundle.manifest
    return Plan(bundle_name=manifest.name, bundle_version=manifest.version, bundle_sha256=bundle.sha256, request=request, **parts)


def as_begun(request: Request, begun: Plan | None) -> Request:
    """A request that is followed as a folder was begun: what no option says, such as how emojis are searched for, stays as it was."""
    if begun is None:
        return request
    return replace(request, search_version=begun.request.search_version, glasses_in_front=begun.request.glasses_in_front)


def read_plan(folder: Path) -> Plan | None:
    """The plan of a folder; None where there is no folder, or nothing in it.

    Raises:
        OutputError: the folder is a file or holds something else, or the plan is damaged.
    """
    file = folder / PLAN_FILE
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_PLAN_BYTES + 1)
        if len(text) > MAX_PLAN_BYTES:
            raise _damaged(file, f"larger than {MAX_PLAN_BYTES >> 10} KiB")
        return Plan.from_json(text.decode("utf-8"), where=str(file))
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(f"{file} cannot be read ({error}).", fix="Name another folder with --to.") from None
    if folder.is_dir() and any(not entry.name.startswith(".") for entry in folder.iterdir()):
        if file.exists():  # another process was faster
            return read_plan(folder)
        raise OutputError(f"{folder} is not empty and has no {PLAN_FILE}.", fix="Name an empty or a new folder with --to.")
    return None


def settle(folder: Path, plan: Plan) -> None:
    """Make the folder one of this plan. Several processes may do so at once.

    Raises:
        OutputError: the folder is one of another plan, holds something else, or cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = read_plan(folder)
        if found is None:
            _create(folder / PLAN_FILE, plan)
            found = read_plan(folder)
    except OSError as error:
        raise OutputError(f"{folder} cannot be used ({error.strerror or error}).", fix="Choose another place for the output.") from None
    if found is not None and found != plan:
        what = "; ".join(found.differences(plan))
        raise OutputError(f"{folder} holds emojis of another run: {what}.", fix="Give the same options, or another folder with --to.")


def _create(file: Path, plan: Plan) -> None:
    """Write a plan, unless another process did so first; then theirs stays.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        write_atomic(file, plan.to_json().encode(), force=False)
    except OutputError:
        if not file.exists():
            raise


def _damaged(where: Path | str, why: object) -> OutputError:
    return OutputError(f"{where} is damaged ({why}).", fix="Name another folder with --to.")


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value)) or "none"
    return quoted(value) if isinstance(value, str) else str(value)


def _flat(plan: Plan) -> dict[str, object]:
    values = {each.name: getattr(plan, each.name) for each in fields(plan) if each.name not in ("params", "request")}
    return {**values, **vars(plan.request), **vars(plan.params)}
