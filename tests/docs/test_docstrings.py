"""Docstrings name what is there: references lead to where something is defined, and arguments are told in the order of the signature."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("emoterm", "trainer", "export")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
_REFERENCE = re.compile(r":\w+:`~?((?:emoterm|trainer|export)(?:\.\w+)*)`")
_ARGUMENT = re.compile(r"^    (\w+): ", re.MULTILINE)


@functools.cache
def defined(module: Path) -> frozenset[str]:
    """The names that a module defines at its top, and those that it passes on by ``__all__``; of classes their own with a dot."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = set(_targets(tree))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{name}" for name in _targets(node)}
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            names |= set(ast.literal_eval(node.value))
    return frozenset(names)


def _targets(tree: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def leads_somewhere(reference: str) -> bool:
    """Whether a dotted name is a module, or something that is defined in one."""
    parts = reference.split(".")
    for n in range(len(parts), 0, -1):
        at = ROOT.joinpath(*parts[:n])
        module = at / "__init__.py" if at.is_dir() else at.with_suffix(".py")
        if module.exists():
            return n == len(parts) or ".".join(parts[n:]) in defined(module)
    return False


def told(docstring: str) -> list[str]:
    """The arguments that a docstring tells of, in its order."""
    section = re.search(r"^Args:\n((?:    .*\n?|\n)+)", docstring, re.MULTILINE)
    return [] if section is None else _ARGUMENT.findall(section[1])


def taken(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The parameters of a function, in its order."""
    spec = function.args
    every = [*spec.posonlyargs, *spec.args, *filter(None, [spec.vararg]), *spec.kwonlyargs, *filter(None, [spec.kwarg])]
    return [each.arg for each in every]


def signatures(tree: ast.Module) -> Iterator[tuple[str, str, list[str]]]:
    """Name, docstring and parameters of each function, and of each class that has an ``__init__`` of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, ast.get_docstring(node) or "", taken(node)
        elif isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and each.name == "__init__":
                    yield node.name, ast.get_docstring(node) or "", taken(each)


@pytest.mark.parametrize("package", PACKAGES)
def test_references_lead_to_where_something_is_defined(package: str) -> None:
    wrong = []
    for path in FILES:
        if path.relative_to(ROOT).parts[0] == package:
            found = _REFERENCE.findall(path.read_text(encoding="utf-8"))
            wrong += [f"{path.relative_to(ROOT)}: {reference}" for reference in found if not leads_somewhere(reference)]
    assert wrong == []


@pytest.mark.parametrize("package", PACKAGES)
def test_arguments_are_told_in_the_order_of_the_signature(package: str) -> None:
    wrong = []
    for path in FILES:
        if path.relative_to(ROOT).parts[0] == package:
            for name, docstring, parameters in signatures(ast.parse(path.read_text(encoding="utf-8"))):
                arguments = told(docstring)
                if arguments != [each for each in parameters if each in arguments]:
                    wrong.append(f"{path.relative_to(ROOT)}: {name} tells of {arguments}, and takes {parameters}")
    assert wrong == []


def test_the_checks_above_can_fail() -> None:
    assert leads_somewhere("emoterm.bundle.Bundle.read")
    assert not leads_somewhere("emoterm.bundle.Bundle.write")
    assert not leads_somewhere("emoterm.nowhere")
    assert told("Does it.\n\nArgs:\n    a: first,\n        and: more.\n    b: second.\n\nRaises:\n    E: no.\n") == ["a", "b"]
