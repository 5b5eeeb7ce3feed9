"""The gallery of losses is what its script writes from the catalogue, and its pictures are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symloss as sl

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = (DOCS / "gallery.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def script():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DOCS)
        import gallery

        yield gallery


def test_the_page_is_what_the_script_writes_now():
    """In a process of its own, as the script runs, whatever the order of sets is."""
    write = "import gallery; sys.stdout.buffer.write(gallery.page().encode())"
    code = f"import sys; sys.path.insert(0, {str(DOCS)!r}); {write}"
    run = subprocess.run([sys.executable, "-c", code], cwd=DOCS.parent, capture_output=True, check=True)
    assert run.stdout.decode() == PAGE, "python docs/gallery.py writes it anew"


def test_every_loss_has_a_section_of_its_own():
    sections = re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)
    assert sorted(sections) == sorted(entry.name for entry in sl.losses.catalogue())


def test_every_link_leads_to_a_section():
    anchors = {title.lower().replace(" ", "-") for title in re.findall(r"^##+ (.*)$", PAGE, re.MULTILINE)}
    links = re.findall(r"\]\(#([^)]*)\)", PAGE)
    assert links
    assert set(links) <= anchors


def test_the_pictures_are_those_that_the_page_shows():
    shown = re.findall(r"!\[.*?\]\((.*?)\)", PAGE)
    drawn = [path.relative_to(DOCS).as_posix() for path in (DOCS / "_static" / "gallery").iterdir()]
    assert sorted(shown) == sorted(drawn)
    assert all((DOCS / path).read_text(encoding="utf-8").rstrip().endswith("</svg>") for path in shown)


def test_a_picture_is_the_same_whenever_it_is_drawn(script, tmp_path):
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    for path in (first, second):
        script.drawn(script.PICTURES["hinge_loss"], path)
    assert first.read_bytes() == second.read_bytes()


def test_a_curve_is_the_loss_and_its_slope(script):
    z = np.array([-2.0, 0.5])
    value, slope = script.curves(script.PICTURES["binary_crossentropy_logits"], z)
    np.testing.assert_allclose(value, np.log(1 + np.exp(-z)))
    np.testing.assert_allclose(slope, -1 / (1 + np.exp(z)))
