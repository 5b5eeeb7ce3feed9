"""Choosing among elements, under one roof: conditions, indices and labels."""

from .conditions import stop_gradient, where
from .indexing import GETITEM, SCATTER, Index, getitem, take
from .labels import (
    ONE_HOT,
    PICK,
    PUT_ALONG,
    TAKE_ALONG,
    TAKE_ALONG_BACK,
    integer_labels,
    one_hot,
    pick,
    scatter_add,
    take_along_axis,
)

__all__ = [
    "GETITEM",
    "Index",
    "ONE_HOT",
    "PICK",
    "PUT_ALONG",
    "SCATTER",
    "TAKE_ALONG",
    "TAKE_ALONG_BACK",
    "getitem",
    "integer_labels",
    "one_hot",
    "pick",
    "scatter_add",
    "stop_gradient",
    "take",
    "take_along_axis",
    "where",
]
