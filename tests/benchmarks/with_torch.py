"""The losses in PyTorch on two threads: autograd's backward, or the closed form where that is faster."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812, the name that its users know
from cases import Arrays, Case

torch.set_num_threads(2)

NAME = "torch"
LOG_TWO_PI = float(np.log(2 * np.pi))


def total(x: Any) -> Any:
    return x.sum(dim=-1)


def log_cosh(p: Any, t: Any) -> Any:
    d = p - t
    return torch.logaddexp(d, -d).mean() - 0.5 * LOG_TWO_PI + 0.5 * float(np.log(np.pi / 2))


def focal(z: Any, y: Any) -> Any:
    u = (2 * y - 1) * z
    return (torch.sigmoid(-u) ** 2 * F.softplus(-u)).mean()


def js(p: Any, t: Any) -> Any:
    m = (p + t) / 2
    return total(p * p.log() + t * t.log() - 2 * m * m.log()).mean() / 2


def multiclass_hinge(p: Any, t: Any) -> Any:
    labels = t[:, None]
    rival = p.detach().scatter(1, labels, -torch.inf).argmax(dim=1, keepdim=True)
    return F.relu(p.gather(1, rival) - p.gather(1, labels) + 1).mean()


def dice(p: Any, t: Any) -> Any:
    return 1 - ((2 * total(p * t) + 1) / (total(p) + total(t) + 1)).mean()


def tversky(p: Any, t: Any) -> Any:
    common = total(p * t) + 1
    return 1 - (common / (common + 0.5 * total(p * (1 - t)) + 0.5 * total((1 - p) * t))).mean()


def triplet(a: Any, p: Any, n: Any) -> Any:
    return F.relu(total((a - p) ** 2) - total((a - n) ** 2) + 1).mean()


def info_nce(q: Any, k: Any) -> Any:
    return F.cross_entropy(q @ k.T, torch.arange(len(q)))


FORMS: dict[str, Callable[..., Any]] = {
    "squared_error": F.mse_loss,
    "absolute_error": F.l1_loss,
    "huber_loss": F.smooth_l1_loss,
    "log_cosh": log_cosh,
    "quantile_loss": lambda p, t: torch.maximum(0.9 * (t - p), -0.1 * (t - p)).mean(),
    "poisson_nll": lambda p, t: (p - t * p.log()).mean(),
    "poisson_nll_log": F.poisson_nll_loss,
    "gaussian_nll": lambda p, t, v: 0.5 * (LOG_TWO_PI + (v + (t - p) ** 2 * torch.exp(-v)).mean()),
    "gaussian_kl": lambda m, v: 0.5 * total(v.exp() + m**2 - 1 - v).mean(),
    "binary_crossentropy": F.binary_cross_entropy,
    "binary_crossentropy_logits": F.binary_cross_entropy_with_logits,
    "categorical_crossentropy": lambda p, t: -total(t * p.log()).mean(),
    "softmax_crossentropy, labels": F.cross_entropy,
    "softmax_crossentropy, any targets": F.cross_entropy,
    "softmax_crossentropy, rows sum to 1": F.cross_entropy,
    "smoothed_softmax_crossentropy": lambda z, y: F.cross_entropy(z, y, label_smoothing=0.1),
    "focal_loss": focal,
    "kl_divergence": lambda p, t: F.kl_div(p.log(), t, reduction="batchmean"),
    "js_divergence": js,
    "hinge_loss": lambda p, t: F.relu(1 - t * p).mean(),
    "binary_hinge_loss": lambda p, t: F.relu(1 - (2 * t - 1) * p).mean(),
    "multiclass_hinge_loss": multiclass_hinge,
    "dice_loss": dice,
    "tversky_loss": tversky,
    "cosine_distance": lambda p, t: 1 - F.cosine_similarity(p, t).mean(),
    "triplet_loss": triplet,
    "info_nce": info_nce,
    "listnet": lambda s, t: F.cross_entropy(s, F.softmax(t, dim=-1)),
    "softmax regression": lambda w, b, x, y: F.cross_entropy(x @ w + b, y),
}


# Closed forms -------------------------------------------------------------------------------------
def squared_error_by_hand(p: Any, t: Any) -> Any:
    d = p - t
    return torch.dot(d.ravel(), d.ravel()) / d.numel(), d * (2 / d.numel())


def absolute_error_by_hand(p: Any, t: Any) -> Any:
    d = p - t
    return d.abs().mean(), d.sign_().div_(d.numel())


def huber_by_hand(p: Any, t: Any) -> Any:
    d = p - t
    return F.smooth_l1_loss(p, t), d.clamp_(-1, 1).div_(d.numel())


def poisson_log_by_hand(z: Any, t: Any) -> Any:
    e = z.exp()
    return (e - t * z).mean(), e.sub_(t).div_(z.numel())


def gaussian_by_hand(p: Any, t: Any, v: Any) -> Any:
    d = p - t
    slope = d * torch.exp(-v)
    return 0.5 * (LOG_TWO_PI + d.mul_(slope).add_(v).mean()), slope.div_(p.numel())


def logits_by_hand(z: Any, y: Any) -> Any:
    return F.binary_cross_entropy_with_logits(z, y), torch.sigmoid(z).sub_(y).div_(z.numel())


def categorical_by_hand(p: Any, t: Any) -> Any:
    return -torch.dot(t.ravel(), p.log().ravel()) / len(p), (t / p).div_(-len(p))


def softmax_labels_by_hand(z: Any, y: Any) -> Any:
    u = F.log_softmax(z, dim=-1)
    value = F.nll_loss(u, y)
    slope = u.exp_().div_(len(z))
    slope[torch.arange(len(z)), y] -= 1 / len(z)
    return value, slope


def softmax_soft_by_hand(z: Any, y: Any) -> Any:
    u = F.log_softmax(z, dim=-1)
    return -torch.dot(y.ravel(), u.ravel()) / len(z), u.exp_().sub_(y).div_(len(z))


def hinge_by_hand(p: Any, t: Any) -> Any:
    margin = (1 - t * p).clamp_(min=0)
    return margin.mean(), margin.sign_().mul_(t).div_(-p.numel())


BY_HAND: dict[str, Callable[..., Any]] = {
    "squared_error": squared_error_by_hand,
    "absolute_error": absolute_error_by_hand,
    "huber_loss": huber_by_hand,
    "poisson_nll_log": poisson_log_by_hand,
    "gaussian_nll": gaussian_by_hand,
    "binary_crossentropy_logits": logits_by_hand,
    "categorical_crossentropy": categorical_by_hand,
    "softmax_crossentropy, labels": softmax_labels_by_hand,
    "softmax_crossentropy, rows sum to 1": softmax_soft_by_hand,
    "hinge_loss": hinge_by_hand,
}


def contestant(case: Case, arrays: Arrays) -> Callable[[], Any]:
    """Value and gradients of the mean, by the faster of two ways."""
    there = [torch.from_numpy(a.copy()) for a in arrays]
    leaves = [a.clone().requires_grad_() for a in there[: case.wrt]] + there[case.wrt :]
    form, by_hand = FORMS[case.name], BY_HAND.get(case.name)

    def backward() -> Any:
        value = form(*leaves)
        return [value.detach(), *torch.autograd.grad(value, leaves[: case.wrt])]

    def closed() -> Any:
        with torch.no_grad():
            return by_hand(*there)

    return min((backward, closed), key=seconds) if by_hand else backward


def seconds(call: Callable[[], Any]) -> float:
    """The best of five calls after one."""
    times = []
    for _ in range(6):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times[1:])
