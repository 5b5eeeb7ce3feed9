"""Rules are looked up by the operations that they need, and none is overlooked."""

import pytest

import symloss as sl
from symloss import losses
from symloss.core.op import OPS
from symloss.core.walk import topological
from symloss.rewrite.books import (
    ALGEBRA,
    AXES,
    RESIDUALS,
    recognition,
    recognition_rules,
    stability,
    stability_rules,
)
from symloss.rewrite.lookup import Lookup, operations_within
from symloss.rewrite.normalise import Normaliser
from symloss.rewrite.products import is_zero

PASSES = AXES + ALGEBRA + RESIDUALS
x, y = sl.vector("x", "N"), sl.vector("y", "N")


@pytest.mark.parametrize("known", PASSES, ids=[f"{known.name}-{known.head}" for known in PASSES])
def test_a_pass_needs_operations_that_exist(known):
    assert {name for choice in known.needs.split() for name in choice.split("|")} <= OPS.keys()


def forms(rules, faithful):
    """The normal forms of what rules rewrite, of the losses and of their slopes, as rules would meet them."""
    normal = Normaliser(faithful=faithful)
    for rule in recognition_rules() + stability_rules():
        normal(rule.left)
    for entry in losses.catalogue():
        loss = entry.example()
        normal(loss)
        for variable in (v for v in topological([loss]) if v.name and v.dtype.kind == "f"):
            try:
                normal(sl.grad(sl.sum(loss), variable))
            except sl.errors.GradientError:
                continue
    return [form for form in set(normal.memo.values()) if form.op.name in rules and not is_zero(form)]


@pytest.mark.parametrize(("book", "faithful"), [(recognition, False), (stability, True)])
def test_a_rule_that_applies_is_looked_up(book, faithful):
    normal, applied = Normaliser(rules=book(), faithful=faithful), 0
    for node in forms(book(), faithful):
        for rule in book()[node.op.name]:
            after = rule(normal, node)
            if after is not None and after is not node:
                assert rule.fits(*operations_within(node))
                applied += 1
    assert applied > 20


def test_a_node_at_which_all_rules_failed_is_not_tried_again():
    lookup = Lookup(recognition())
    node = Normaliser()(sl.exp(x) / (1 + sl.exp(x)))
    assert lookup.rules(node.op.name, node)
    lookup.failed(node.op.name, node)
    assert lookup.rules(node.op.name, node) == []
    lookup.forget()
    assert lookup.rules(node.op.name, node)


def test_a_rule_is_not_tried_where_an_operation_that_it_needs_is_missing():
    node = Normaliser()(sl.sin(x) * y)
    assert "exp_over_sum" not in [rule.name for rule in Lookup(recognition()).rules("contract", node)]
