"""Axes of size 1 have the one index 0."""

import symloss as sl


def test_a_softmax_along_an_axis_of_size_1_prints():
    assert "_{0" in sl.softmax(sl.matrix("v", (1, 3)), axis=0).latex("index")
