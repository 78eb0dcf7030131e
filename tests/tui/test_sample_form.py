"""The form of the Sample screen: what it starts from, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Input

from emoterm.sampling import SamplingParams
from emoterm.tui.app import EmotermApp
from emoterm.tui.engine import Engine
from emoterm.tui.form import OFF, Form
from emoterm.tui.messages import Offer
from emoterm.tui.offer import read_offer
from emoterm.tui.widgets.choice import Choice
from emoterm.tui.widgets.sample_form import AFTER_NOTHING
from emoterm.tui.widgets.slider import Slider
from tests.tui.conftest import Drive, Keys, notices, screen_text
from tests.tui.sample_screen import asked, go


def test_the_form_starts_from_what_a_person_has_set(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys, count="1")
        form = asked(app)
        assert (form.style, form.temperature, form.top_k, form.top_p, form.min_p, form.guidance) == ("blob", 0.5, 7, 0.8, 0.025, 9)
        assert vars(form.params) == {name: form.parameters[name] for name in vars(SamplingParams())}
        assert form.params == SamplingParams(temperature=0.5, top_k=7, top_p=0.8, min_p=0.025, guidance=9)
        assert " ".join(form.command).endswith("--temperature 0.5 --top-k 7 --top-p 0.8 --min-p 0.025 --guidance 9")
        assert "0.0250" in screen_text(app)
        app.screen.query_one("#drawn", Choice).value = AFTER_NOTHING
        await keys.settle()
        assert (asked(app).temperature, asked(app).guidance) == (0.5, 9)
        assert notices(app) == ""

    drive(script, sampling={"style": "Blob", "temperature": 0.5, "top_k": 7, "top_p": 0.8, "min_p": 0.025, "guidance": 9.0, "columns": 3})


def test_what_is_not_set_suits_the_pictures_and_a_style_that_is_not_there_is_told(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys, count="1")
        form = asked(app)
        assert (form.style, form.temperature, form.guidance) == (None, 0.7, 2.5)
        app.screen.query_one("#drawn", Choice).value = AFTER_NOTHING
        await keys.settle()
        usual = app.engine.bundle.manifest.prior.sampling
        assert (asked(app).temperature, asked(app).guidance) == (
            usual.temperature,
            2.5,
        )
        assert "The settings say style 'cubist'" in notices(app)

    drive(script, sampling={"style": "cubist", "guidance": 2.5})


def test_the_form_moves_by_keys_and_fits_the_narrow_screen(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        temperature = app.screen.query_one("#temperature", Slider)
        temperature.focus()
        value = temperature.value
        await keys("left", "left")
        assert temperature.value == pytest.approx(value - 0.1)
        await keys("home")
        assert temperature.value == 0
        await keys("enter")  # no binding of its own: makes emojis
        text = screen_text(app)
        for word in ("style", "emotion", "count", "temperature", "top-k", "top-p", "min-p", "guidance", "seed", "Vary", "Quit"):
            assert word in text

    drive(script)


def test_what_is_no_seed_is_told_and_never_replaced_while_it_is_locked(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys, count="1", seed="9" * 35)
        await keys("enter")
        assert "is no seed" in notices(app)
        field = app.screen.query_one("#seed", Input)
        assert field.value == "9" * 35
        assert app.focused is field
        await keys("escape")
        field.value = "-5"
        await keys("y")
        assert app.clipboard == ""
        field.value = str(2**64 - 1)
        await keys("escape", "enter")
        assert f"seed {2**64 - 1}" in screen_text(app)
        field.value = ""  # nothing typed asks for any
        await keys("escape", "enter")
        assert field.value.isdecimal()

    drive(script)


def test_a_copied_command_goes_by_the_form_and_not_by_the_settings(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        style = app.screen.query_one("#style", Choice)
        for value, said in (("any", "--style any"), (style.options[1], f"--style {style.options[1]}")):
            style.value = value
            assert said in " ".join(asked(app).command)

    drive(script, sampling={"style": "noto"})


def test_any_style_of_the_settings_is_none_in_particular(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        assert "no such style" not in notices(app)
        assert asked(app).style is None
        assert "--style" not in asked(app).command

    drive(script, sampling={"style": "Any"})


def test_min_p_moves_in_small_steps_and_farther_where_the_settings_begin_there(drive: Drive) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        app.screen.query_one("#min_p", Slider).focus()
        for key, value in (("home", 0), ("right", 0.0005), ("pageup", 0.0055), ("end", 0.1)):
            await keys(key)
            assert asked(app).min_p == value
            assert f"--min-p {value:g} " in " ".join(asked(app).command)

    drive(script, sampling={"min_p": 0.1})


def test_without_a_top_k_nothing_is_said_of_one_but_where_saying_nothing_would_cut_off(drive: Drive) -> None:
    form = Form(1, "", None, 1, None, 1, 0, 1, 7)
    assert "--top-k" not in form.command
    assert form.params.top_k is form.parameters["top_k"] is None

    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        assert asked(app).top_k == 7
        app.screen.query_one("#top_k", Choice).value = OFF
        form = asked(app)
        assert form.params.top_k is None
        said = form.command[form.command.index("--top-k") + 1]
        assert int(said) == app.engine.bundle.manifest.codebook.size

    drive(script, sampling={"top_k": 7})


def test_a_bundle_without_a_top_k_starts_with_none(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(app: EmotermApp, keys: Keys) -> None:
        await go(app, keys)
        choice = app.screen.query_one("#top_k", Choice)
        assert choice.value == OFF
        assert asked(app).top_k is None
        assert "--top-k" not in asked(app).command
        choice.value = "20"
        assert "--top-k 20" in " ".join(asked(app).command)

    def offer(engine: Engine, settings: Mapping[str, Any]) -> Offer:
        found = read_offer(engine, settings)
        return replace(found, alone=replace(found.alone, top_k=None), after=None)

    monkeypatch.setattr("emoterm.tui.screens.sample.read_offer", offer)
    drive(script)
