"""What ``emoterm doctor`` and ``emoterm config`` say about the settings: whether they make sense, and whether the bundle knows them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from emoterm.cli.check import Check
from emoterm.errors import BundleError, EmotermError

if TYPE_CHECKING:
    from emoterm.config import Found


def check_settings(bundle: str | None) -> Iterator[Check]:
    """Whether the settings file and the environment make sense, and what they set.

    Args:
        bundle: what has to know the style that is set, of :func:`emoterm.bundle.open_bundle`.
    """
    from emoterm.config import config_path, read_settings

    try:
        found = read_settings()
        check_style_setting(found, bundle)
    except EmotermError as error:
        yield Check("settings", "failed", error.what, error.fix)
    else:
        made = ", ".join(f"{name} from {each.source}" for name, each in sorted(found.items()))
        yield Check("settings", "ok", made or f"none made; they would be in {config_path()}")
    for name, said in ignored_variables().items():
        yield Check("variable", "note", said, f"unset {name}")


def check_style_setting(found: Mapping[str, Found], bundle: str | None) -> None:
    """See whether the bundle has the style that is set; nothing is opened where none is. A bundle that cannot be read is told elsewhere.

    Args:
        found: all settings.
        bundle: of :func:`emoterm.bundle.open_bundle`.

    Raises:
        UsageError: it has not; the message begins with the file or variable that says so.
    """
    from emoterm.names import check_style, style_or_none

    setting = found.get("style")
    if setting is None or style_or_none(str(setting.value)) is None:
        return
    from emoterm.bundle import open_bundle
    from emoterm.errors import UsageError
    from emoterm.vocabulary import Vocabulary

    try:
        with open_bundle(bundle) as opened:
            styles = Vocabulary.from_json(opened.read(opened.manifest.vocabulary), opened.manifest).styles
    except BundleError:
        return
    try:
        check_style(str(setting.value), styles)
    except UsageError as error:
        raise UsageError(f"{setting.source}: {error.what}", fix=error.fix) from None


def ignored_variables() -> dict[str, str]:
    """What is to be said of each variable of the environment that looks like a setting and is none; mostly it is misspelt."""
    from emoterm.config import unknown_variables

    found = unknown_variables(os.environ).items()
    return {name: f"{name} is ignored: nothing is called so." + (f" Did you mean {near}?" if near else "") for name, near in found}
