"""``emoterm sample --prompt`` says what it made of the words, and what comes out nowhere."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize("prompt", ["", "  ", "!!!", "the of"])
def test_a_prompt_of_nothing_is_refused(run: Run, prompt: str) -> None:
    run("sample", "--n", 1, "--prompt", prompt, "-o", "a.png").assert_fails(2, "The prompt", "fix:")


def test_a_prompt_in_another_language_is_read_in_english_and_made_again(run: Run) -> None:
    made = run("sample", "--n", 1, "--bundle", "default", "--prompt", "blaue Katze", "--seed", 1, "-o", "a.png", "--json")
    assert made.json["read_as"] == {"language": "German", "text": "blue cat"}
    assert "reading it as 'blue cat' (German)" in made.stderr
    assert made.json["words"] == ["blue", "cat"]
    english = run("sample", "--n", 1, "--bundle", "default", "--prompt", "blue cat", "--seed", 1, "-o", "b.png", "--json")
    assert (english.json["tokens"], english.json["read_as"]) == (made.json["tokens"], None)


def test_what_is_not_drawn_is_told(run: Run) -> None:
    made = run("sample", "--n", 1, "--bundle", "default", "--prompt", "dog eating pizza", "--seed", 1, "-o", "a.png", "--json")
    assert made.json["not_drawn"] == ["pizza"]
    assert "not drawn, as no emoji of 'dog' has it: 'pizza'" in made.stderr
    assert all(spec.split("@")[0] != "🌭" for spec in made.json["drawn_after"])


def test_what_there_should_not_be_is_told(run: Run) -> None:
    prompt = "three cats without a hat, dog"
    made = run("sample", "--n", 1, "--bundle", "default", "--prompt", prompt, "--seed", 1, "-o", "a.png", "--json")
    assert (made.json["left_out"], made.json["not_drawn"], made.json["worn"]) == (["without a hat"], ["three", "dog"], None)
    assert "left out: 'without a hat'" in made.stderr
    assert "one emoji is drawn, not 'three'" in made.stderr


def test_a_hat_that_is_left_out_in_another_language_is_not_put_on(run: Run) -> None:
    for prompt in ("Katze ohne Hut", "gato no feliz", "chat, pas de chapeau"):
        made = run("sample", "--n", 1, "--bundle", "default", "--prompt", prompt, "--seed", 1, "-o", "a.png", "--force", "--json")
        assert made.json["words"] == ["cat"]
        assert len(made.json["left_out"]) == 1


def test_a_hat_that_there_is_not_is_told(run: Run) -> None:
    prompt = "frog with a red cowboy hat and a dog with glasses"
    made = run("sample", "--n", 1, "--bundle", "default", "--prompt", prompt, "--seed", 1, "-o", "a.png", "--json")
    assert made.json["not_drawn"] == ["dog", "glasses", "red", "cowboy hat"]
    assert made.json["words"] == ["frog", "hat", "dog"]
    assert [spec.split("@")[0] for worn in made.json["worn"] for spec in worn] == ["🎩"]
    assert "hats and glasses keep their colour, left out: 'red'" in made.stderr
    assert "putting on: top hat, as there is no 'cowboy hat' to put on" in made.stderr
