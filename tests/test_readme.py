"""The README keeps its word: its dialogue, its source, its commands and its links."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def dialogue(tmp_path_factory):
    """The examples of the README run as one, in an empty directory: what was wrong, and the names defined."""
    example = doctest.DocTestParser().get_doctest("\n".join(blocks("pycon")), {}, "README.md", None, None)
    report = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("readme"))
        patch.syspath_prepend("")
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=report.append, clear_globs=False)
    return "".join(report), example.globs


def test_the_examples_print_what_the_readme_shows(dialogue):
    report, names = dialogue
    assert report == ""
    assert {"f", "gradients", "huber"} <= names.keys()


def test_the_source_is_the_one_that_the_readme_shows(dialogue):
    (shown,) = blocks("python")
    _, names = dialogue
    assert names["f"].source == shown


def test_the_readme_has_two_commands_that_each_start_from_nothing():
    starts = [block.startswith("python3 -m venv .venv && .venv/bin/pip install") for block in blocks("sh")]
    assert starts == [True, True]


def test_the_checks_end_with_the_very_test_command_of_the_readme():
    _, test_command = blocks("sh")
    assert (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").endswith("\n" + test_command)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)\)", (REPOSITORY / page).read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (REPOSITORY / link).exists()] == []


def test_every_page_of_the_documentation_is_listed():
    pages = {f"docs/{path.name}" for path in (REPOSITORY / "docs").glob("*.md")} - {"docs/index.md"}
    assert {page for page in pages if f"]({page})" not in README} == set()
