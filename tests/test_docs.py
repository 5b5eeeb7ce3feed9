"""The page on the interface names what exists, with the arguments that it takes.

Operations and losses are listed when the site is built; the rest is written out.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import symloss as sl

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)(\(.*?\))?` \| (.+) \|$", PAGE, flags=re.MULTILINE)
WRITTEN = {name: sl for name in set(sl.__all__) - set(sl.ops.__all__)} | {
    name: sl.testing for name in sl.testing.__all__
}


def test_every_public_name_is_listed_once():
    assert sorted(name for name, _, _ in ROWS) == sorted(WRITTEN)


@pytest.mark.parametrize(("name", "arguments", "line"), ROWS, ids=[name for name, _, _ in ROWS])
def test_a_name_is_listed_with_its_arguments_in_one_sentence(name, arguments, line):
    assert line.endswith(".")
    if arguments:
        listed = re.findall(r"(\w+)(?:=[^,]*?(?:\([^)]*\))?)?(?:, |\)$)", arguments)
        assert listed == list(inspect.signature(getattr(WRITTEN[name], name)).parameters)
