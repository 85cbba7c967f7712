"""The numbered equations of chapter 2, evaluated."""

import itertools
import math

import torch
import torch.nn.functional as F

from labtools.model import ModelConfig
from labtools.model.block import Block


def draw(*shape, seed=1):
    g = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=g, dtype=torch.float64)


def relation(T, S, rule):
    return torch.tensor([[rule(i, j) for j in range(S)] for i in range(T)])


def average(q, keys, values):
    """One query's output, as a sum over its keys."""
    exps = [math.exp(sum(q * k) / math.sqrt(len(q))) for k in keys]
    return sum(e * v for e, v in zip(exps, values, strict=True)) / sum(exps)


def masked(scores, values, R):
    """The outputs of every query, each a sum over the keys that it may see."""
    weights = [[R[i, j] * math.exp(scores[i, j]) for j in range(R.shape[1])] for i in range(len(R))]
    weights = torch.tensor([[w / sum(row) for w in row] for row in weights], dtype=torch.float64)
    return weights, weights @ values


def test_eq_attention_score():
    q, k = draw(2, 5), draw(7, 5, seed=2)
    scores = torch.tensor([[sum(a * b) / math.sqrt(5) for b in k] for a in q], dtype=torch.float64)
    values = torch.eye(7, dtype=torch.float64)
    torch.testing.assert_close(
        scores.softmax(-1), F.scaled_dot_product_attention(q[None], k[None], values[None])[0]
    )


def test_eq_attention_softmax():
    scores, others = draw(6), draw(2000, 6, seed=2).softmax(-1)

    def aim(w):
        return (w * scores).sum(-1) + torch.special.entr(w).sum(-1)

    best = scores.exp() / scores.exp().sum()
    assert (aim(others) < aim(best)).all()
    near = (best.log() + 1e-3 * draw(2000, 6, seed=3)).softmax(-1)
    assert (aim(near) < aim(best)).all()
    torch.testing.assert_close(aim(best), scores.logsumexp(0))


def test_eq_attention_output():
    q, k, v = draw(3, 5), draw(7, 5, seed=2), draw(7, 4, seed=3)
    by_hand = torch.stack([average(row, k, v) for row in q])
    torch.testing.assert_close(by_hand, F.scaled_dot_product_attention(q, k, v))


def test_eq_attention_scale():
    for d in (3, 12):  # every q and k whose components are 1 or −1: mean 0 and variance 1
        corners = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=d)))
        products = corners @ corners[0]
        assert products.mean() == 0
        assert products.var(correction=0) == d
        torch.testing.assert_close((products / d**0.5).var(correction=0), torch.tensor(1.0))


def test_eq_attention_set():
    q, k, v = draw(5), draw(4, 5, seed=2), draw(4, 3, seed=3)
    for order in itertools.permutations(range(4)):
        torch.testing.assert_close(average(q, k[list(order)], v[list(order)]), average(q, k, v))


def test_eq_attention_masked():
    scores, values = draw(4, 6), draw(6, 3, seed=2)
    R = relation(4, 6, lambda i, j: (i + j) % 3 > 0)
    weights, outputs = masked(scores, values, R)
    assert (weights[~R] == 0).all()
    for i in range(4):  # as if the blocked keys did not exist
        alone = scores[i, R[i]].softmax(-1)
        torch.testing.assert_close(weights[i, R[i]], alone)
        torch.testing.assert_close(outputs[i], alone @ values[R[i]])


def test_eq_attention_gradient():
    scores, values = draw(2, 5).requires_grad_(), draw(5, 3, seed=2).requires_grad_()
    R = relation(2, 5, lambda i, j: j <= i + 2)
    outputs = scores.masked_fill(~R, -math.inf).softmax(-1) @ values
    weights, _ = masked(scores.detach(), values.detach(), R)
    for i, c in itertools.product(range(2), range(3)):
        by_scores, by_values = torch.autograd.grad(
            outputs[i, c], (scores, values), retain_graph=True
        )
        for j in range(5):
            w, gap = weights[i, j], (values[j, c] - outputs[i, c]).detach()
            torch.testing.assert_close(by_scores[i, j], w * gap)
            torch.testing.assert_close(by_values[j], w * torch.eye(3, dtype=torch.float64)[c])
            if not R[i, j]:
                assert by_scores[i, j] == 0
                assert (by_values[j] == 0).all()


def test_eq_attention_additive():
    scores = draw(3, 5)
    R = relation(3, 5, lambda i, j: (i * j) % 2 == 0)
    A = torch.tensor([[0.0 if R[i, j] else -math.inf for j in range(5)] for i in range(3)])
    assert torch.equal((scores + A).exp(), R * scores.exp())


def test_eq_attention_kinds():
    n, w = 4, 3
    by_sets = {
        "causal": [set(range(i + 1)) for i in range(6)],
        "padding": [set(range(n))] * 6,
        "window": [set(range(max(0, i - w + 1), i + 1)) for i in range(6)],
    }
    rules = {
        "causal": lambda i, j: j <= i,
        "padding": lambda i, j: j < n,
        "window": lambda i, j: i - w < j <= i,
    }
    for name, rule in rules.items():
        seen = [{j for j in range(6) if rule(i, j)} for i in range(6)]
        assert seen == by_sets[name]
    assert max(map(len, by_sets["window"])) == w


def test_eq_attention_combine():
    causal, real = (relation(5, 5, rule) for rule in (lambda i, j: j <= i, lambda i, j: j < 3))
    both = torch.tensor([[bool(causal[i, j] and real[i, j]) for j in range(5)] for i in range(5)])
    assert torch.equal(both, (causal.int() * real.int()).bool())
    A, B, sought = (torch.zeros(5, 5).masked_fill(~R, -math.inf) for R in (causal, real, both))
    assert torch.equal(A + B, sought)


def paths(R, i, n):
    """Where n steps of the relation lead from i, one path after the other."""
    if n == 0:
        return {i}
    return {end for j in range(len(R)) if R[i, j] for end in paths(R, j, n - 1)}


def test_eq_attention_depth():
    R = relation(6, 6, lambda i, j: (j - 2 * i) % 6 in (0, 5))
    for n in (1, 2, 3):
        power = torch.linalg.matrix_power(R.double(), n) > 0
        assert [set(row.nonzero()[:, 0].tolist()) for row in power] == [
            paths(R, i, n) for i in range(6)
        ]
    # and so it is in Transformer blocks, which add the diagonal: by exact zeros of the gradient
    torch.manual_seed(1)
    blocks = [Block(ModelConfig(vocab_size=1, context_len=6, n_heads=2, d_model=8)) for _ in "12"]
    x = torch.randn(1, 6, 8, requires_grad=True)
    y = blocks[1](blocks[0](x, R), R)
    rows = [torch.autograd.grad(y[0, i].sum(), x, retain_graph=True)[0] for i in range(6)]
    own = R | torch.eye(6, dtype=torch.bool)
    assert torch.equal(torch.cat(rows).ne(0).any(-1), (own.double() @ own.double()) > 0)


def test_eq_attention_window():
    for w, n in itertools.product((1, 2, 4), (1, 2, 3)):
        R = relation(11, 11, lambda i, j, w=w: i - w < j <= i)
        reach = relation(11, 11, lambda i, j, w=w, n=n: i - n * (w - 1) <= j <= i)
        assert torch.equal(torch.linalg.matrix_power(R.double(), n) > 0, reach)


def test_eq_attention_cache():
    whole = relation(7, 7, lambda i, j: j <= i)
    for T in (1, 3, 7):
        new = relation(T, 7, lambda i, j, T=T: j <= i + (7 - T))
        assert torch.equal(new, whole[7 - T :])
