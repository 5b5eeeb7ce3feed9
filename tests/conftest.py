"""What tests of several kinds share."""

import pytest

from symloss.compiler import blocks, runner


@pytest.fixture
def in_small_blocks(monkeypatch):
    """Compiled functions cut everything that can be cut, into blocks of one row."""
    monkeypatch.setattr(runner, "WHOLE_BYTES", 0)
    monkeypatch.setattr(blocks, "WHOLE_BYTES", 0)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
