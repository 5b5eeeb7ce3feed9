"""Rearranging elements, under one roof: axes, order, diagonals and constant tensors."""

from .axes import broadcast_to, expand_dims, parse_shape, squeeze, swapaxes, transpose
from .constants import arange, eye, full, ones, ones_like, zeros, zeros_like
from .diagonals import diag, diagonal, trace, tril, triu
from .joining import concatenate, flip, ravel, reshape, roll, stack

__all__ = [
    "arange",
    "broadcast_to",
    "concatenate",
    "diag",
    "diagonal",
    "expand_dims",
    "eye",
    "flip",
    "full",
    "ones",
    "ones_like",
    "parse_shape",
    "ravel",
    "reshape",
    "roll",
    "squeeze",
    "stack",
    "swapaxes",
    "trace",
    "transpose",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]
