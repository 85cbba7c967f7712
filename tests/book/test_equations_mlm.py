"""The numbered equations of chapter 4, evaluated; the helpers are those of test_equations.py."""

import itertools
import math

import torch
import torch.nn.functional as F
from test_equations import conditional, every_text, joint
from test_equations_prediction import known

from labtools import definitions
from labtools.sources import Corruption, HiddenMarkovSource

T, RATE = 3, 0.3
EVERY = range(T)


def sharp_source(seed):
    """Two states, three tokens, and tokens that tell much of each other."""
    g = torch.Generator().manual_seed(seed)
    emission = torch.rand(2, 3, generator=g, dtype=torch.float64) / 10
    emission += torch.tensor([[0.8, 0.1, 0.0], [0.0, 0.1, 0.8]])
    transition = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
    emission /= emission.sum(-1, keepdim=True)
    return HiddenMarkovSource(torch.tensor([0.6, 0.4]), transition, emission)


def texts_of(source):
    """p(x) of every text of T tokens."""
    return {text: joint(source, text) for text in every_text(T)}


def subsets(positions):
    return [c for n in range(len(positions) + 1) for c in itertools.combinations(positions, n)]


def without(hidden):
    return [t for t in EVERY if t not in hidden]


def chance(hidden, n=T):
    """p(this set of hidden positions), of n that are drawn alike."""
    return RATE ** len(hidden) * (1 - RATE) ** (n - len(hidden))


def given(probs, text, t, seen):
    """p(x_t | the tokens at ``seen``), as a ratio of two sums over texts."""
    return known(probs, text, [t, *seen]) / known(probs, text, seen)


def mean(probs, value):
    return sum(p * value(text) for text, p in probs.items())


def blanks_cost(truth, model, hidden):
    """E[Σ −log p_model(x_t | what is not hidden)] over the hidden positions."""
    seen = without(hidden)
    return sum(mean(truth, lambda x, t=t: -math.log(given(model, x, t, seen))) for t in hidden)


def information(probs, t):
    """I(x_t; x_{>t} | x_{<t}), from its definition."""
    past, future = list(range(t)), list(range(t + 1, T))

    def ratio(x):
        before = known(probs, x, past)
        token, rest = known(probs, x, [*past, t]) / before, known(probs, x, past + future) / before
        return probs[x] / before / (token * rest)

    return mean(probs, lambda x: math.log(ratio(x)))


def test_eq_mlm_objective():
    truth, model = texts_of(sharp_source(1)), texts_of(sharp_source(2))
    by_sets = sum(chance(m) * blanks_cost(truth, model, m) for m in subsets(EVERY)) / (RATE * T)
    by_positions = 0.0
    for t in EVERY:  # hidden for certain; the others as chance has it
        for others in subsets(without([t])):
            seen = without([t, *others])
            cost = mean(truth, lambda x, t=t, s=seen: -math.log(given(model, x, t, s)))
            by_positions += chance(others, T - 1) * cost / T
    assert math.isclose(by_sets, by_positions, rel_tol=1e-12)


def test_eq_mlm_divergence():
    truth, model = texts_of(sharp_source(3)), texts_of(sharp_source(4))
    for t, seen in ((1, [0]), (2, [0, 1]), (0, [])):
        cost = mean(truth, lambda x, t=t, s=seen: -math.log(given(model, x, t, s)))
        floor = mean(truth, lambda x, t=t, s=seen: -math.log(given(truth, x, t, s)))
        divergence = sum(
            known(truth, x, seen) * p * math.log(p / given(model, x, t, seen))
            for x in every_text(T)
            if all(x[other] == 0 for other in without([t, *seen]))  # each context once
            for p in [given(truth, x, t, seen)]
        )
        assert math.isclose(cost, floor + divergence, rel_tol=1e-12)
        assert divergence > 1e-3


def test_eq_mlm_joint():
    probs = texts_of(sharp_source(5))
    for hidden in subsets(EVERY)[1:]:
        seen = without(hidden)
        together = mean(probs, lambda x, s=seen: -math.log(probs[x] / known(probs, x, s)))

        def ratio(x, hidden=hidden, seen=seen):
            product = math.prod(given(probs, x, t, seen) for t in hidden)
            return probs[x] / known(probs, x, seen) / product

        correlation = mean(probs, lambda x, ratio=ratio: math.log(ratio(x)))
        assert math.isclose(
            blanks_cost(probs, probs, hidden), together + correlation, rel_tol=1e-12
        )
        assert correlation > 1e-3 if len(hidden) > 1 else abs(correlation) < 1e-12


def test_eq_mlm_diagonal():
    for size in (2, 3, 7):
        others = 1 - torch.eye(size)
        expected = torch.full((size, size), size - 2.0) + torch.eye(size)
        assert torch.equal(others @ others, expected)


def test_eq_mlm_mask():
    lengths, S = torch.tensor([5, 2]), 7
    mask = (torch.arange(S) < lengths[:, None])[:, None, None]  # (B, 1, 1, S)
    for b, n in enumerate(lengths.tolist()):
        for i, j in itertools.product(range(S), repeat=2):
            assert mask.expand(2, 1, S, S)[b, 0, i, j] == definitions.real_key(j, n) == (j < n)


def test_eq_mlm_count():
    n = 5
    sets = subsets(range(n))
    assert math.isclose(sum(chance(m, n) * len(m) for m in sets), RATE * n, rel_tol=1e-12)
    empty = sum(chance(m, n) for m in sets if not m)
    assert math.isclose(empty, (1 - RATE) ** n, rel_tol=1e-12)


def test_eq_mlm_static():
    sets = subsets(range(2))  # of two tokens; three drawings; the first is never in any
    never = sum(
        math.prod(chance(m, 2) for m in drawings)
        for drawings in itertools.product(sets, repeat=3)
        if not any(0 in m for m in drawings)
    )
    assert math.isclose(never, (1 - RATE) ** 3, rel_tol=1e-12)
    assert [round(100 * 0.85**k, 2) for k in (1, 10, 40)] == [85, 19.69, 0.15]


V, MASK = 5, 3


def channel(y, x):
    return 0.8 * (y == MASK) + 0.1 / V + 0.1 * (y == x)


def test_eq_mlm_channel():
    by_library = Corruption(V, MASK).channel_if_selected
    for x in range(V):
        branches = [0.0] * V  # hundredths of the cases, one after the other
        for hundredth in range(100):
            if hundredth < 80:
                branches[MASK] += 0.01
            elif hundredth < 90:
                branches = [p + 0.01 / V for p in branches]
            else:
                branches[x] += 0.01
        for y in range(V):
            assert math.isclose(branches[y], channel(y, x), rel_tol=1e-9)
            assert math.isclose(by_library[x, y], channel(y, x), rel_tol=1e-9)


def test_eq_mlm_posterior():
    c = [0.4, 0.35, 0.2, 0.0, 0.05]  # <mask> is never the true token
    for y in range(V):
        joint_with_y = [c[v] * channel(y, v) for v in range(V)]
        posterior = [p / sum(joint_with_y) for p in joint_with_y]
        w = 0.0 if y == MASK else c[y] / (c[y] + 1 / V)
        for v in range(V):
            assert math.isclose(posterior[v], w * (v == y) + (1 - w) * c[v], abs_tol=1e-12)


def test_eq_mlm_loss():
    g = torch.Generator().manual_seed(6)
    logits = torch.randn(3, 5, 7, generator=g, dtype=torch.float64)
    ids = torch.randint(0, 7, (3, 5), generator=g)
    selected = torch.tensor([[0, 1, 0, 1, 1], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]]).bool()
    nll = [
        -math.log(logits[b, t].softmax(-1)[ids[b, t]])
        for b, t in itertools.product(range(3), range(5))
        if selected[b, t]
    ]
    library = F.cross_entropy(logits.transpose(1, 2), ids.where(selected, -100))
    assert len(nll) == 4
    assert math.isclose(sum(nll) / 4, library.item(), rel_tol=1e-12)


def test_eq_mlm_information():
    source = sharp_source(7)
    probs = texts_of(source)
    for t in EVERY:
        left = mean(probs, lambda x, t=t: -math.log(conditional(source, x, t + 1)))
        both = mean(probs, lambda x, t=t: -math.log(given(probs, x, t, without([t]))))
        assert math.isclose(left - both, information(probs, t), abs_tol=1e-12)
        assert information(probs, t) > 1e-3 or t == T - 1  # after the last nothing follows
    assert abs(information(probs, T - 1)) < 1e-12


def test_eq_mlm_any_order():
    probs = texts_of(sharp_source(8))
    integral = 0.0
    for hidden in subsets(EVERY)[1:]:
        k = len(hidden)  # ∫ r^(k − 1) (1 − r)^(T − k) dr, which is a beta function
        weight = math.factorial(k - 1) * math.factorial(T - k) / math.factorial(T)
        integral += weight * blanks_cost(probs, probs, hidden) / T
    entropy = mean(probs, lambda x: -math.log(probs[x]))
    assert math.isclose(integral, entropy / T, rel_tol=1e-12)


def test_eq_mlm_pll():
    source = sharp_source(9)
    probs = texts_of(source)
    texts = torch.tensor(list(probs))
    costs = source.conditional_nll(texts, ~torch.eye(T, dtype=torch.bool))
    total = 0.0
    for text, row in zip(probs, costs, strict=True):
        pll = sum(math.log(given(probs, text, t, without([t]))) for t in EVERY)
        assert math.isclose(pll, -row.sum(), rel_tol=1e-12)
        total += pll
    n_tokens = T * len(texts)
    by_root = math.prod((-row.sum() / n_tokens).neg().exp().item() for row in costs)
    assert math.isclose(math.exp(-total / n_tokens), by_root, rel_tol=1e-12)


def test_eq_mlm_pll_gap():
    probs = texts_of(sharp_source(10))

    def pll(x):
        return sum(math.log(given(probs, x, t, without([t]))) for t in EVERY)

    entropy = mean(probs, lambda x: -math.log(probs[x]))
    gap = sum(information(probs, t) for t in EVERY)
    assert math.isclose(mean(probs, lambda x: -pll(x)), entropy - gap, rel_tol=1e-12)
    assert sum(math.exp(pll(x)) for x in probs) > 1.01
