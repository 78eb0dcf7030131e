"""The plan that a folder of ``emoterm sample --to`` keeps: what its files are to be, whoever makes them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from emoterm.bundle import Bundle
from emoterm.errors import OutputError
from emoterm.request import SEARCH_VERSION, Request
from emoterm.sampling import SamplingParams
from emoterm.shards.maker import missing
from emoterm.shards.plan import PLAN_FILE, Plan, Shard, as_begun, make_plan, read_plan, settle
from tests.cli.conftest import Run


def test_a_plan_that_appears_in_the_meantime_stays(folder: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = (make_plan(tiny_bundle, Request(), n=4, seed=seed, params=SamplingParams(), device="cpu") for seed in (1, 2))
    monkeypatch.setattr(os, "fsync", lambda _: (folder / PLAN_FILE).write_text(theirs.to_json()))
    with pytest.raises(OutputError, match="seed 2, not 1"):
        settle(folder, ours)
    assert [path.name for path in folder.iterdir()] == [PLAN_FILE]
    (folder / PLAN_FILE).unlink()
    settle(folder, theirs)
    assert read_plan(folder) == theirs


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"seed": 1', '"seed": "1"', "seed should be of type int"),
        ('"n": 4', '"n": 4.5', "n should be of type int"),
        ('"temperature": 1.0', f'"temperature": 1{"0" * 400}', "temperature should be of type float"),
        ('"temperature": 1.0', '"min_p": "0.1", "temperature": 1.0', "min_p should be of type float"),
        ("{", "[" * 200_000, "goes too deep"),
        ('"prompt": ""', f'"prompt": "{"cat " * 2**19}"', "larger than 1024 KiB"),
    ],
    ids=["text", "fraction", "digits", "law", "depth", "size"],
)
def test_a_damaged_plan_is_told(folder: Path, tiny_bundle: Bundle, run: Run, old: str, new: str, why: str) -> None:
    plan = make_plan(tiny_bundle, Request(), n=4, seed=1, params=SamplingParams(), device="cpu")
    (folder / "out").mkdir()
    (folder / "out" / PLAN_FILE).write_text(plan.to_json().replace(old, new, 1))
    run("sample", "--n", 4, "--to", "out").assert_fails(1, PLAN_FILE, "is damaged", why, "fix:")


def test_a_plan_of_whole_numbers_comes_back(folder: Path, tiny_bundle: Bundle) -> None:
    plan = make_plan(tiny_bundle, Request(), n=4, seed=1, params=SamplingParams(temperature=1, guidance=2), device="cpu")
    settle(folder, plan)
    assert read_plan(folder) == plan


def test_a_plan_says_no_more_than_those_from_before_there_was_more_to_say(tiny_bundle: Bundle) -> None:
    plan = make_plan(tiny_bundle, Request(words=("cat",), sought=("cat",)), n=4, seed=1, params=SamplingParams(), device="cpu")
    said = json.loads(plan.to_json())
    assert {"words", "style", "sought", "by_chance"} <= said.keys()
    assert not {"color", "feeling", "worn", "group", "search_version", "glasses_in_front"} & said.keys()
    assert Plan.from_json(plan.to_json(), where="here") == plan


def test_a_plan_from_before_there_was_a_min_p_is_one_without() -> None:
    before, now = (Plan(4, 7, SamplingParams(top_k=9, min_p=m), "cpu", "tiny", "1", "0" * 64) for m in (0.0, 0.05))
    said = json.loads(before.to_json())
    assert said["params"] == {"temperature": 1.0, "top_k": 9, "top_p": 1.0, "guidance": 1.0}
    assert Plan.from_json(before.to_json(), where="here") == before
    assert Plan.from_json(now.to_json(), where="here") == now
    assert before.differences(now) == ["min_p 0.0, not 0.05"]


def test_what_counts_as_left_over_is_said_in_one_place(folder: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan(tiny_bundle, Request(), n=4, seed=1, params=SamplingParams(), device="cpu")
    (folder / ".emoterm-0123.tmp").write_bytes(b"half")
    assert missing(folder, plan, Shard()) == [0]
    assert len(list(folder.iterdir())) == 1
    monkeypatch.setattr("emoterm.files._LEFT_OVER_S", -1)
    assert missing(folder, plan, Shard()) == [0]
    assert list(folder.iterdir()) == []


def test_a_shard_is_read_as_it_is_written() -> None:
    assert Shard.parse("3/64") == Shard(3, 64)


def test_a_folder_from_before_is_gone_on_with_as_it_was_begun() -> None:
    now = Request(words=("cat",), sought=("cat",), search_version=SEARCH_VERSION)
    before = Plan(4, 7, SamplingParams(), "cpu", "tiny", "1", "0" * 64, request=replace(now, search_version=1))
    assert as_begun(now, before) == before.request
    assert as_begun(now, None) == now


@pytest.mark.parametrize(("then", "now"), [(False, True), (True, False)])
def test_a_folder_keeps_what_was_in_front_when_it_was_begun(then: bool, now: bool) -> None:
    asked = Request(words=("cat",), sought=("cat",), worn=("crown", "glasses"), search_version=SEARCH_VERSION, glasses_in_front=now)
    begun = Plan(4, 7, SamplingParams(), "cpu", "tiny", "1", "0" * 64, request=replace(asked, glasses_in_front=then))
    assert as_begun(asked, begun) == begun.request
