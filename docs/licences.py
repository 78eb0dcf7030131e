"""``python -m docs.licences``: docs/licences.md, the licences of everything that is installed with emoterm, as its authors state them."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

PAGE = Path(__file__).parent / "licences.md"
_REQUIREMENT = re.compile(r"^[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w-]+)['"]""")


def licence_of(dist: Distribution) -> str:
    """The licence of a package, in the words of its metadata; ``unknown`` where it has none."""
    fields = dist.metadata
    if expression := fields["License-Expression"]:
        return str(expression)
    named = [line.rpartition(" :: ")[2] for line in fields.get_all("Classifier") or [] if line.startswith("License :: ")]
    named = [name for name in named if name != "OSI Approved"]
    first = str(fields["License"] or "").strip().splitlines()[:1]
    return " / ".join(named) or "".join(first)[:60] or "unknown"


def closure(name: str, extra: str | None = None) -> dict[str, Distribution]:
    """A package's dependencies and theirs, by name, as far as they are installed here."""
    found: dict[str, Distribution] = {}
    waiting = [_needed(distribution(name), extra)]
    while waiting:
        for needed in waiting.pop():
            try:
                dist = distribution(needed)
            except PackageNotFoundError:  # for another system, or of an extra that is not installed
                continue
            key = str(dist.metadata["Name"])
            if key not in found and key != name:
                found[key] = dist
                waiting.append(_needed(dist, None))
    return found


def _needed(dist: Distribution, extra: str | None) -> list[str]:
    names = []
    for line in dist.requires or []:
        wanted = _EXTRA.search(line)
        if (wanted[1] if wanted else None) == extra and (match := _REQUIREMENT.match(line)):
            names.append(match[0])
    return names


def page() -> str:
    """The text of the page."""
    app = closure("emoterm")
    train = {name: dist for name, dist in closure("emoterm", "train").items() if name not in app}
    parts = [
        "# Licences\n\n<!-- Written by make licences. -->\n",
        "emoterm is under the MIT licence. The pictures that the default bundle was trained on have licences of their own, listed in the",
        "NOTICE inside the bundle. Installing emoterm also installs the packages below, each under its own licence, as its metadata",
        "says.\n",
    ]
    for title, found in (("With emoterm", app), ("With the `train` extra", train)):
        rows = [f"| {name} | {licence_of(dist)} |" for name, dist in sorted(found.items(), key=lambda pair: pair[0].lower())]
        parts += [f"## {title}\n", "| package | licence |", "|---|---|", *rows, ""]
    return "\n".join(parts)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
