"""Write the gallery of losses: ``python docs/gallery.py`` makes gallery.md and its pictures anew.

Everything on the page is computed from the catalogue. It needs matplotlib, of the extra ``plot``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pictures import PICTURES, Picture, curves, drawn

import symloss as sl
from symloss.core.leaves import INPUT
from symloss.core.walk import topological
from symloss.losses.catalogue import Entry
from symloss.losses.letters import LETTERS, variables

HERE = Path(__file__).resolve().parent
PAGE, IMAGES = HERE / "gallery.md", HERE / "_static" / "gallery"
SHORT, LONGEST = 160, 450
"""LaTeX that fits on one line, and LaTeX that is still read."""
FAMILIES = {
    "Regression": ["regression"],
    "Likelihoods of numbers and counts": ["likelihood"],
    "Classification": ["classification"],
    "Divergences": ["divergence"],
    "Margins": ["margin"],
    "Overlap of regions": ["overlap"],
    "Similarity": ["contrastive"],
    "Ranking and survival": ["ranking"],
    "Variational autoencoders": ["variational", "factors"],
    "Critics": ["adversarial"],
    "Penalties": ["penalties"],
    "Measures": ["metrics"],
}
FIXED = {"targets", "prior_mean", "prior_logvar", "log_expected", "points", "covariance", "events"}
"""Arguments that are given, not learned; so are those with a default."""
HEAD = """# Gallery

Every loss of `sl.losses`, as a formula, with its derivatives and the program that computes them. Each is
written for one item, in letters of its own: `sl.losses.aggregate` makes a scalar of a batch. Hessians are
named as `sl.structure` names them, which [Structure](calculus.md#structure) explains. A dot in a picture is
the slope at a kink. The programs are those of `sl.function` for the loss and its gradient in the first
argument.

This page is written by `python docs/gallery.py`."""


def page() -> str:
    """The whole page."""
    entries = {family: list(of_family(family)) for family in FAMILIES}
    lines = (
        f"- [{family}](#{anchor(family)}): {', '.join(map(link, found))}" for family, found in entries.items()
    )
    parts = [HEAD, "\n".join(lines)]
    for family, found in entries.items():
        parts += [f"## {family}", *map(section, found)]
    return "\n\n".join(parts) + "\n"


def of_family(family: str) -> Iterator[Entry]:
    """The losses whose files belong to a family."""
    for entry in sl.losses.catalogue():
        if entry.function.__module__.rpartition(".")[2] in FAMILIES[family]:
            yield entry


def anchor(title: str) -> str:
    """The name under which a heading is found."""
    return title.lower().replace(" ", "-")


def link(entry: Entry) -> str:
    """The name of a loss, leading to its section."""
    return f"[{entry.name}](#{entry.name})"


def section(entry: Entry) -> str:
    """All about one loss."""
    picture = PICTURES.get(entry.name)
    parts = [
        f"### {entry.name}",
        f"`{call(entry)}`",
        entry.summary,
        display(entry.formula),
        linked(entry.notes),
    ]
    if picture:
        parts.append(f"![{entry.name} and its slope]({IMAGES.relative_to(HERE).as_posix()}/{entry.name}.svg)")
    parts += derivatives(entry)
    if picture:
        parts.append(edges(picture))
    reduction = entry.reduction.capitalize()
    return "\n\n".join([*parts, program(entry), f"{reduction}. Source: {entry.source}"])


def call(entry: Entry) -> str:
    """How a loss is called."""
    parameters = inspect.signature(entry.function).parameters.values()
    return f"{entry.name}({', '.join(str(one.replace(annotation=one.empty)) for one in parameters)})"


def display(latex: str) -> str:
    """A formula on a line of its own, or on several if it is long and names its parts."""
    lines = latex.replace(r" \quad \text{where", "\n\\text{where").replace(r", \; ", ",\n").split("\n")
    if len(lines) > 1 and len(latex) > SHORT:
        latex = "\\begin{gathered}\n" + " \\\\[0.5ex]\n".join(lines) + "\n\\end{gathered}"
    return f"$$\n{latex}\n$$"


def linked(notes: str) -> str:
    """Notes in which the names of other losses lead to them."""
    return re.sub(
        r"`(\w+)`", lambda m: f"[{m[1]}](#{m[1]})" if m[1] in LETTERS else m[0], notes.replace("``", "`")
    )


# Formulas -----------------------------------------------------------------------------------------
def derivatives(entry: Entry) -> Iterator[str]:
    """The gradient and the Hessian in each argument that is learned."""
    loss = entry.example()
    if loss.dtype.kind == "b" or entry.name in {"accuracy", "clustering_accuracy"}:
        yield "It has no slope: asking for a gradient raises `GradientError`."
        return
    total, left_out = scalar(loss), []
    for x in learned(entry, loss):
        gradient = sl.grad(total, x)
        if len(gradient.latex()) > LONGEST:
            left_out.append(f"${x.latex()}$")
            continue
        first, second = f"{derivative(x, 1)} = {gradient.latex()}", sl.hessian(total, x)
        if x.ndim:
            yield from (display(first), *curvature(second, x))
        else:
            then = f"{derivative(x, 2)} = {second.latex()}"
            short = len(first + then) < SHORT
            yield from [display(rf"{first}, \qquad {then}")] if short else map(display, (first, then))
    if left_out:
        yield f"Too long to be shown: the gradient in {', '.join(left_out)}."


def learned(entry: Entry, loss: sl.Expr) -> list[sl.Expr]:
    """The variables in which a loss is differentiated; of a score, its gradient g."""
    parameters = inspect.signature(entry.function).parameters.values()
    given = zip(parameters, variables(LETTERS[entry.name]), strict=False)
    chosen = [
        e for parameter, e in given if parameter.default is parameter.empty and parameter.name not in FIXED
    ]
    inside = {x for x in topological([e for e in chosen if isinstance(e, sl.Expr)]) if x.op is INPUT}
    return [x for x in arguments(entry, loss) if x in inside and x.dtype.kind == "f"]


def arguments(entry: Entry, loss: sl.Expr) -> list[sl.Expr]:
    """The variables of a loss, in the order in which it is called with them."""
    order = [part.partition(":")[0].replace("point", "g") for part in LETTERS[entry.name].split()]
    return sorted((x for x in topological([loss]) if x.op is INPUT), key=lambda x: order.index(x.name))


def scalar(loss: sl.Expr) -> sl.Expr:
    """The loss, or its sum over the items if it has them."""
    return sl.sum(loss) if loss.ndim else loss


def derivative(x: sl.Expr, order: int) -> str:
    """The symbol of a derivative of the loss."""
    if x.ndim:
        return rf"\nabla_{{{x.latex()}}}{'^2' if order == 2 else ''} L"
    return [r"\frac{\partial L}{\partial #}", r"\frac{\partial^2 L}{\partial #^2}"][order - 1].replace(
        "#", x.latex()
    )


def curvature(hessian: sl.Expr, x: sl.Expr) -> Iterator[str]:
    """The structure of a Hessian, and as much of it as is short."""
    found = sl.structure(hessian)
    kind = f"Its Hessian in ${x.latex()}$ is {found.kind.replace('-', ' ')}"
    whole, diagonal = hessian.latex(), found.diagonal().latex()
    if found.kind == "zero":
        yield kind + "."
    elif len(whole) <= LONGEST:
        yield from (kind + ":", display(f"{derivative(x, 2)} = {whole}"))
    elif len(diagonal) <= LONGEST:
        yield from (kind + ", with the diagonal", display(diagonal))
    else:
        yield kind + "."


# Numbers and programs -----------------------------------------------------------------------------
def edges(picture: Picture) -> str:
    """A table of value and slope where something happens."""
    value, slope = curves(picture, np.array(picture.edges))
    rows = [(picture.symbol, picture.edges), ("loss", value), ("slope", slope)]
    lines = [f"| {head} | {' | '.join(map(number, numbers))} |" for head, numbers in rows]
    return "\n".join([lines[0], "|" + "---|" * (len(picture.edges) + 1), *lines[1:]])


def number(x: float) -> str:
    """A number of at most four digits, as one writes it."""
    return {"nan": "NaN", "inf": "∞", "-inf": "−∞"}.get(str(float(x)), f"{x + 0.0:.4g}".replace("-", "−"))


def program(entry: Entry) -> str:
    """The source of the loss and its gradient in the first argument, folded away."""
    loss = entry.example()
    slopes = [sl.grad(scalar(loss), x) for x in learned(entry, loss)[:1] if has_slope(entry, loss)]
    source = sl.function(arguments(entry, loss), [loss, *slopes], name=entry.name).source
    return f"<details>\n<summary>NumPy</summary>\n\n```python\n{source.rstrip()}\n```\n\n</details>"


def has_slope(entry: Entry, loss: sl.Expr) -> bool:
    """Whether a loss can be differentiated at all."""
    try:
        sl.grad(scalar(loss), learned(entry, loss)[0])
    except sl.errors.GradientError:
        return False
    return True


def main() -> None:
    """Write the page and its pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for old in IMAGES.glob("*.svg"):
        old.unlink()
    for name, picture in PICTURES.items():
        drawn(picture, IMAGES / f"{name}.svg")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
