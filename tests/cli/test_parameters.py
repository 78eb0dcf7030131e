"""Values that Typer need not convert are what it would make of them, and nothing that it has to say is lost."""

from __future__ import annotations

from typing import Any

import pytest
from typer import Context
from typer.core import TyperArgument, TyperOption

from emoterm.cli import parameters
from emoterm.cli.main import COMMANDS, CommandTable
from tests.cli.conftest import Run
from tests.cli.test_start import FREE, imported

TYPED = ["", " ", "x", "auto", "AUTO", "3", "03", "+3", "-1", "3.0", "1e3", "9" * 30, "٣", "true", "\udcff", "noto", 7, 0, True, 2.5, None]


@pytest.mark.parametrize("resilient", [False, True], ids=["run", "tab key"])
@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_told_of_a_value_is_what_typer_makes_of_it(name: str, resilient: bool) -> None:
    command = CommandTable()[name]
    context = Context(command)
    told = 0
    for parameter in command.get_params(context):
        assert isinstance(parameter, parameters.PlainOption | parameters.PlainArgument)
        for value in [*TYPED, parameter.default, ["a"], ["a", "b"], ("a", "\udcff"), (), [], [3]]:
            found = parameters._told(parameter, value, resilient=resilient)
            if found is parameters._FOR_TYPER:
                continue
            wanted = _by_typer(parameter, value, context)
            assert (type(found), found) == (type(wanted), wanted), (parameter.name, value)
            told += 1
    assert told > 5


def _by_typer(parameter: TyperOption | TyperArgument, value: Any, context: Context) -> Any:
    if parameter.type_descriptor.annotation is bool and isinstance(value, bool):
        return value  # it lets these pass, too
    return parameter.get_runtime_param().coerce(value, param=parameter, ctx=context)


def test_usual_command_lines_wait_for_no_pydantic() -> None:
    assert "pydantic" not in imported(*FREE)
    assert "pydantic" not in imported("search", "cat")
    assert "pydantic" not in imported("emoterm morph oct", _EMOTERM_COMPLETE="bash")
    assert "pydantic" in imported(*FREE, "--temperature", "0.5")


@pytest.mark.parametrize("argv", [["--n", "0"], ["--n", "x"], ["--n", "3.5"], ["--device", "tpu"], ["--seed", "9" * 20]])
def test_what_is_not_plain_is_left_to_typer_and_its_message(argv: list[str], run: Run) -> None:
    run("sample", *argv).assert_fails(2, argv[0])
