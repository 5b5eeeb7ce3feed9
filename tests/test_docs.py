"""The page on the interface names what exists, all of it, with the arguments that it takes."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import symloss as sl

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)(\(.*?\))?` \| (.+) \|$", PAGE, flags=re.MULTILINE)
SPACES = (sl, sl.losses, sl.testing)


def meant(name):
    return next(getattr(space, name) for space in SPACES if name in space.__all__)


def test_every_public_name_is_listed_once():
    listed = sorted(name for name, _, _ in ROWS)
    assert listed == sorted(name for space in SPACES for name in space.__all__)


@pytest.mark.parametrize(("name", "arguments", "line"), ROWS, ids=[name for name, _, _ in ROWS])
def test_a_name_is_listed_with_its_arguments_in_one_sentence(name, arguments, line):
    assert line.endswith((".", "…"))
    if arguments:
        parameters = inspect.signature(meant(name)).parameters
        listed = re.findall(r"(\w+)(?:=[^,]*?(?:\([^)]*\))?)?(?:, |\)$)", arguments)
        assert listed == list(parameters) or list(parameters) == ["operands"]
