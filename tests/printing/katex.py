"""Renders what the library prints with KaTeX: ``npm install --prefix FOLDER katex``, ``python THIS FOLDER``.

All operations, all losses of the catalogue with their gradients and Hessians, and all derivations of the
tests, as a lecture and in full. It prints what KaTeX refuses, and how much there was.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "losses"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "derivation"))

import test_derive
import test_every_loss as every_loss

import symloss as sl
from symloss import testing
from symloss.core.op import OPS

RENDER = """
const katex = require(process.argv[1] + "/node_modules/katex");
const entries = JSON.parse(require("fs").readFileSync(0, "utf8"));
let refused = 0;
for (const [name, latex] of entries) {
  try { katex.renderToString(latex, {displayMode: true, throwOnError: true, strict: "error"}); }
  catch (error) { refused += 1; console.log(name + ": " + error.message + "\\n    " + latex); }
}
console.log(entries.length + " formulas, " + refused + " refused");
process.exit(refused ? 1 : 0);
"""


def notations(name, e):
    """A formula in each notation that it has."""
    for notation in ("auto", "matrix", "index"):
        try:
            yield f"{name}, {notation}", e.latex(notation=notation)
        except sl.errors.GraphError:
            continue


def of_operations():
    """Each operation on what its record gives as samples, and on variables of every kind of name."""
    for op in OPS.values():
        for e, _ in testing.cases(op) if not op.leaf else ():
            yield from notations(op.name, e)
    for name in ("alpha_hat", "W_1", "x_prime", "theta", "long_name", "x12", "Lambda"):
        for x in (sl.scalar(name), sl.vector(name, "N"), sl.matrix(name, "N K")):
            yield from notations(name, sl.sum(sl.exp(x) ** 2))


def of_losses():
    """Each loss, and its gradients and Hessians in each of its variables."""
    for entry in every_loss.CATALOGUE:
        yield entry.name, entry.formula
        loss = every_loss.built(entry.name)
        yield from notations(entry.name, loss)
        total = sl.sum(loss)
        for x in every_loss.inputs(loss):
            for call in (sl.grad, sl.hessian):
                try:
                    found = call(total, x)
                except sl.errors.GradientError:
                    continue
                yield from notations(f"{call.__name__} of {entry.name} in {x.name}", found)


def of_derivations():
    """Each derivation of the tests, as blocks and step by step."""
    for name, (loss, wrt, assume, order) in test_derive.CASES.items():
        derivation = sl.derive(loss, wrt, assume, order)
        for kind, steps in (
            ("lecture", derivation),
            ("full", derivation.full()),
            ("exercise", derivation.hide(1)),
        ):
            yield f"{name}, {kind}", steps.latex()
        for k, step in enumerate(derivation.full().steps, 1):
            yield f"{name}, step {k}, before", step.before.latex()
            yield f"{name}, step {k}, after", step.after.latex()


def main(folder: str) -> int:
    """Whether anything is refused."""
    entries = [*of_operations(), *of_losses(), *of_derivations()]
    command = ["node", "-e", RENDER, str(Path(folder).resolve())]
    return subprocess.run(command, input=json.dumps(entries), text=True, check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: katex.py FOLDER, where `npm install --prefix FOLDER katex` has put KaTeX")
    sys.exit(main(sys.argv[1]))
