"""Where the boxes of a drawing stand: in layers by longest path, with few crossings, edges through gaps."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Link = tuple[int, int]
_SWEEPS = 12
_LIGHT = 0.05  # what has no arguments makes room, so that a chain of operations stands straight


@dataclass(frozen=True)
class Layout:
    """The layers from top to bottom, the places in them, and the links from each layer to the next.

    Numbers below `boxes` are boxes; the others are points through which an edge passes a layer. All edges
    from one box that pass a layer share one point.
    """

    boxes: int
    layers: list[list[int]]
    links: list[Link]
    above: dict[int, list[int]]
    centres: dict[int, float]


def arrange(arguments: Sequence[Sequence[int]], widths: Sequence[float], gap: float) -> Layout:
    """Places for boxes of some widths; the arguments of each have lower numbers and stand above it."""
    depth = _layers(arguments)
    layers: list[list[int]] = [[] for _ in range(max(depth) + 1)]
    for box, layer in enumerate(depth):
        layers[layer].append(box)
    links = _links(arguments, depth, layers)
    above, below = _neighbours(links)
    layers = _untangled(layers, above, below)
    sizes = {point: widths[point] if point < len(widths) else 0.0 for layer in layers for point in layer}
    weights = dict.fromkeys(sizes, 1.0) | {box: _LIGHT for box, own in enumerate(arguments) if not own}
    centres = _placed(layers, (above, below), sizes, weights, gap)
    return Layout(len(widths), layers, links, above, centres)


def _layers(arguments: Sequence[Sequence[int]]) -> list[int]:
    """The layer of each box: the longest path that leads to it, or lower where that lengthens no edge."""
    depth: list[int] = []
    users: list[set[int]] = [set() for _ in arguments]
    for box, own in enumerate(arguments):
        depth.append(1 + max([depth[argument] for argument in own], default=-1))
        for argument in own:
            users[argument].add(box)
    free: list[bool] = []
    for box, own in enumerate(arguments):
        free.append(len(users[box]) == 1 and all(free[argument] for argument in own))
    for box in reversed(range(len(arguments))):
        held = sum(not free[argument] for argument in {*arguments[box]})
        if users[box] and held <= len(users[box]):
            depth[box] = min(depth[user] for user in users[box]) - 1
    return depth


def _links(arguments: Sequence[Sequence[int]], depth: Sequence[int], layers: list[list[int]]) -> list[Link]:
    """The links from layer to layer; where an edge passes a layer, a point is added to it."""
    passing: dict[tuple[int, int], int] = {}
    links: dict[Link, None] = {}
    points = len(arguments)
    for box, own in enumerate(arguments):
        for argument in own:
            last = argument
            for layer in range(depth[argument] + 1, depth[box]):
                if (argument, layer) not in passing:
                    passing[argument, layer] = points
                    layers[layer].append(points)
                    points += 1
                links[last, passing[argument, layer]] = None
                last = passing[argument, layer]
            links[last, box] = None
    return list(links)


def _neighbours(links: Sequence[Link]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    above: dict[int, list[int]] = {}
    below: dict[int, list[int]] = {}
    for upper, lower in links:
        above.setdefault(lower, []).append(upper)
        below.setdefault(upper, []).append(lower)
    return above, below


def _untangled(
    layers: list[list[int]], above: dict[int, list[int]], below: dict[int, list[int]]
) -> list[list[int]]:
    """The layers reordered by the mean place of the neighbours; the best of several sweeps."""
    best, fewest = layers, _crossings(layers, below)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        layers = _swept(layers, above if sweep % 2 == 0 else below, downwards=sweep % 2 == 0)
        crossings = _crossings(layers, below)
        if crossings < fewest:
            best, fewest = layers, crossings
    return best


def _swept(layers: list[list[int]], neighbours: dict[int, list[int]], downwards: bool) -> list[list[int]]:
    """Each layer sorted by the mean place of its neighbours in the layer before it."""
    place: dict[int, int] = {}
    result = []
    for layer in layers if downwards else layers[::-1]:
        means = {}
        for rank, point in enumerate(layer):
            known = [place[other] for other in neighbours.get(point, [])]
            means[point] = sum(known) / len(known) if known else float(rank)
        ordered = sorted(layer, key=means.__getitem__)
        place.update({point: rank for rank, point in enumerate(ordered)})
        result.append(ordered)
    return result if downwards else result[::-1]


def _crossings(layers: list[list[int]], below: dict[int, list[int]]) -> int:
    """How many pairs of links between neighbouring layers cross."""
    count = 0
    for upper, lower in pairwise(layers):
        place = {point: rank for rank, point in enumerate(lower)}
        seen: list[int] = []
        for point in upper:
            ends = sorted(place[other] for other in below.get(point, []))
            count += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def _placed(
    layers: list[list[int]],
    neighbours: tuple[dict[int, list[int]], dict[int, list[int]]],
    sizes: dict[int, float],
    weights: dict[int, float],
    gap: float,
) -> dict[int, float]:
    """The centre of each point: as near to its neighbours as the order and the gaps allow."""
    centres: dict[int, float] = {}
    for layer in layers:
        offsets = _offsets(layer, sizes, gap)
        middle = (offsets[0] + offsets[-1]) / 2
        centres.update({point: offset - middle for point, offset in zip(layer, offsets, strict=True)})
    for sweep in range(2 * _SWEEPS):
        near = neighbours[sweep % 2]
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            wanted = [_mean(near.get(point, [point]), centres, weights) for point in layer]
            own = [weights[point] for point in layer]
            places = _spaced(wanted, _offsets(layer, sizes, gap), own)
            centres.update(zip(layer, places, strict=True))
    return centres


def _mean(points: Sequence[int], centres: dict[int, float], weights: dict[int, float]) -> float:
    return sum(weights[p] * centres[p] for p in points) / sum(weights[p] for p in points)


def _offsets(layer: Sequence[int], sizes: dict[int, float], gap: float) -> list[float]:
    """The centres of a layer that is packed from the left."""
    offsets, end = [], 0.0
    for point in layer:
        offsets.append(end + sizes[point] / 2)
        end += sizes[point] + gap
    return offsets


def _spaced(wanted: Sequence[float], offsets: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The places nearest to the wanted ones that keep the order and the gaps: what collides is pooled."""
    pools: list[tuple[float, float, int]] = []
    for want, offset, weight in zip(wanted, offsets, weights, strict=True):
        total, heavy, number = weight * (want - offset), weight, 1
        while pools and pools[-1][0] / pools[-1][1] > total / heavy:
            more, heavier, others = pools.pop()
            total, heavy, number = total + more, heavy + heavier, number + others
        pools.append((total, heavy, number))
    shifts = [total / heavy for total, heavy, number in pools for _ in range(number)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]
