"""What a run is asked to show, and what nobody can ask for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from emoterm.errors import InputError, OutputError
from emoterm.recipe import Recipe
from emoterm.recipe_values import request_of, sampling_params
from emoterm.request import SEARCH_VERSION, Request
from emoterm.restyling import LAW as RESTYLING
from emoterm.sampling import SamplingParams, law_of
from emoterm.shards.plan import Plan

IMPOSSIBLE = [
    ("color", "octarine"),
    ("feeling", "hungry for pizza"),
    ("worn", ["crown", "an anchor of lead"]),
    ("search_version", 0),
    ("search_version", SEARCH_VERSION + 1),
]
OF_ANOTHER_KIND = [("by_chance", 1), ("glasses_in_front", "yes"), ("words", "cat"), ("search_version", True), ("group", 3)]
ASKED = Request(
    words=("cat",), sought=("cat",), color="blue", feeling="happy", worn=("crown",), group="Symbols", search_version=SEARCH_VERSION
)


def recipe(**changed: Any) -> Recipe:
    parameters = {**ASKED.parameters, **{name: tuple(value) if isinstance(value, list) else value for name, value in changed.items()}}
    return Recipe("sample", parameters, "tiny", "1", "0" * 64)


def plan_text(**changed: Any) -> str:
    plan = Plan(4, 7, SamplingParams(), "cpu", "tiny", "1", "0" * 64, request=ASKED)
    return json.dumps({**json.loads(plan.to_json()), **changed})


def test_recipes_and_plans_bring_it_back() -> None:
    assert request_of(recipe()) == ASKED
    assert Plan.from_json(plan_text(), where="here").request == ASKED


@pytest.mark.parametrize(("name", "value"), IMPOSSIBLE)
def test_what_nobody_can_ask_for_is_refused(name: str, value: Any) -> None:
    typed = tuple(value) if isinstance(value, list) else value
    with pytest.raises(ValueError, match=f"{name} cannot be "):
        Request(**{name: typed})


@pytest.mark.parametrize(("name", "value"), IMPOSSIBLE + OF_ANOTHER_KIND)
def test_so_it_is_in_the_files_of_strangers(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"damaged: {name}"):
        request_of(recipe(**{name: value}))
    with pytest.raises(OutputError, match=name):
        Plan.from_json(plan_text(**{name: value}), where="here")


LAW = SamplingParams(temperature=0.7, top_k=9, top_p=0.9, min_p=0.02, guidance=3)


def law_recipe(law: dict[str, Any]) -> Recipe:
    return Recipe("sample", law, "tiny", "1", "0" * 64)


def test_a_recipe_brings_the_law_back_and_one_from_before_has_no_min_p() -> None:
    said = vars(LAW)
    assert sampling_params(law_recipe(said)) == LAW
    assert sampling_params(law_recipe({**said, "min_p": 0})) == replace(LAW, min_p=0.0)
    before = {name: value for name, value in said.items() if name != "min_p"}
    assert sampling_params(law_recipe(before)) == replace(LAW, min_p=0.0)


@pytest.mark.parametrize("name", ["temperature", "top_k", "top_p", "min_p", "guidance"])
@pytest.mark.parametrize("value", ["0.1", True, (0.1,)], ids=["text", "truth", "list"])
def test_a_law_of_another_kind_is_damaged(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"damaged: {name}"):
        sampling_params(law_recipe({**vars(LAW), name: value}))


def test_a_min_p_of_nothing_is_damaged() -> None:
    with pytest.raises(InputError, match="damaged: min_p"):
        sampling_params(law_recipe({**vars(LAW), "min_p": None}))


def test_restyling_has_a_law_of_its_own() -> None:
    assert law_of(RESTYLING) == RESTYLING != LAW
    assert law_of(RESTYLING, **vars(LAW)) == LAW
