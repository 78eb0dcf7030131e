"""The figures of docs/scale.md are those of a run, and hold."""

from __future__ import annotations

import json

from benchmarks import scale


def test_the_page_shows_the_kept_run() -> None:
    record = json.loads(scale.RESULTS.read_text(encoding="utf-8"))
    assert scale.block(record) in scale.PAGE.read_text(encoding="utf-8")


def test_large_galleries_keep_to_their_limits() -> None:
    by_size = {row["n"]: row for row in json.loads(scale.RESULTS.read_text(encoding="utf-8"))["galleries"]}
    assert max(by_size[100_000]["search_ms"].values()) < scale.MAX_QUERY_MS
    assert by_size[100_000]["nearest_ms"] < scale.MAX_QUERY_MS
    assert by_size[1_000_000]["peak_mib"] < scale.MAX_MEMORY_MIB


def test_a_projection_is_arithmetic_and_what_was_not_measured_says_so() -> None:
    rates = [
        {"device": "cpu", "what": "tokens", "per_second": 50.0, "bytes": 300.0},
        {"device": "cuda", "what": "tokens", "missing": "no driver"},
    ]
    lines = scale.costs({"machine": {"cores": 2}, "rates": rates}).splitlines()
    # 10⁶ at 50 a second are 20,000 s; two cores for 5.6 h are 11 core-hours.
    assert lines[2] == "| 2 cores | tokens | 50.0 | 12,800 | 5.6 h | 11 | 300.0 MB | 231.5 d | 11,111 | 300.0 GB |"
    assert lines[3].startswith("| cuda | tokens | not measured |")
    assert {line.count("|") for line in lines} == {11}
