"""The numbered equations of chapter 1, evaluated; the helpers are those of test_equations.py."""

import itertools
import math
from collections import Counter

import torch
from test_equations import conditional, every_text, joint, small_source

from labtools import definitions


def distribution(seed, *shape):
    """Positive numbers whose last dimension sums to 1."""
    g = torch.Generator().manual_seed(seed)
    return torch.rand(*shape, generator=g, dtype=torch.float64).add(0.1).log().softmax(-1)


def known(probs, text, places):
    """p(the tokens at these places), a sum over all texts that have them there."""
    return sum(p for x, p in probs.items() if all(x[t] == text[t] for t in places))


def costs_of(seed, n):
    return (-distribution(seed, n).log()).tolist()


def test_eq_prediction_chain_rule():
    source = small_source(1)
    probs = {text: joint(source, text) for text in every_text(3)}
    for text, order in itertools.product(probs, itertools.permutations(range(3))):
        factors = [
            known(probs, text, order[: k + 1]) / known(probs, text, order[:k]) for k in range(3)
        ]
        assert all(0 < factor < 1 for factor in factors)
        assert math.isclose(math.prod(factors), probs[text], rel_tol=1e-12)


def test_eq_prediction_likelihood():
    p, q = distribution(2, 7), distribution(3, 7)
    g = torch.Generator().manual_seed(4)
    sample = torch.multinomial(p, 50, replacement=True, generator=g).tolist()
    left = sum(-math.log(q[x]) for x in sample) / 50
    right = sum(n / 50 * -math.log(q[x]) for x, n in Counter(sample).items())
    assert math.isclose(left, right, rel_tol=1e-12)


def test_eq_prediction_divergence():
    p, q = small_source(5), small_source(6)
    texts = list(every_text(3))
    cross = sum(joint(p, x) * -math.log(joint(q, x)) for x in texts)
    entropy = sum(joint(p, x) * -math.log(joint(p, x)) for x in texts)
    divergence = sum(joint(p, x) * math.log(joint(p, x) / joint(q, x)) for x in texts)
    assert math.isclose(cross, entropy + divergence, rel_tol=1e-12)


def test_eq_prediction_jensen():
    p = distribution(7, 5)
    p[3] = 0  # cannot occur
    p /= p.sum()
    occurs = p > 0
    for seed in range(20):
        q = distribution(seed, 5)
        ratio = (q / p)[occurs]
        divergence = -(p[occurs] * ratio.log()).sum()
        bound = -(p[occurs] * ratio).sum().log()
        assert divergence > bound
        assert math.isclose(bound, -q[occurs].sum().log(), rel_tol=1e-12)
        assert bound > 0  # q wastes something on what cannot occur
    ratio = (p / p)[occurs]
    assert -(p[occurs] * ratio.log()).sum() == 0


def test_eq_prediction_counting():
    counts = torch.tensor([[5.0, 1.0, 2.0], [1.0, 9.0, 4.0]], dtype=torch.float64)
    frequency = counts / counts.sum(-1, keepdim=True)
    logits = frequency.log().requires_grad_()
    (counts * -logits.log_softmax(-1)).sum().backward()
    torch.testing.assert_close(logits.grad, torch.zeros_like(counts))  # no slope there
    least = -(counts * frequency.log()).sum()
    for seed in range(20):
        assert -(counts * distribution(seed, 2, 3).log()).sum() > least


def test_eq_prediction_softmax():
    logits = [1.5, -0.3, 0.7, 0.0]
    total = sum(math.exp(z) for z in logits)
    q = [math.exp(z) / total for z in logits]
    assert math.isclose(sum(q), 1, rel_tol=1e-12)
    for v, z in enumerate(logits):
        assert math.isclose(math.log(q[v]), z - math.log(total), rel_tol=1e-12)
        assert math.isclose(math.log(q[v]), definitions.log_softmax(logits)[v], rel_tol=1e-12)


def test_eq_prediction_gradient():
    logits, y, step = [1.5, -0.3, 0.7, 0.0], 2, 1e-6
    q = [math.exp(x) for x in definitions.log_softmax(logits)]

    def cost(v, change):
        moved = [z + change * (u == v) for u, z in enumerate(logits)]
        return -definitions.log_softmax(moved)[y]

    for v in range(4):
        slope = (cost(v, step) - cost(v, -step)) / (2 * step)
        assert math.isclose(slope, q[v] - (v == y), abs_tol=1e-8)


def test_eq_prediction_log_sum_exp():
    for logits in ([1.5, -0.3, 0.7], [0.0, -math.inf, 2.0]):
        m = max(logits)
        plain = math.log(sum(math.exp(z) for z in logits))
        moved = sum(math.exp(z - m) for z in logits)
        assert math.isclose(plain, m + math.log(moved), rel_tol=1e-12)
        assert 1 <= moved <= len(logits)
    large = torch.tensor([1e4, 9999.0, -1e4])
    assert large.exp().sum().log() == math.inf
    by_hand = 1e4 + math.log(1 + math.exp(-1))
    assert math.isclose(large.logsumexp(-1), by_hand, rel_tol=1e-6)


def test_eq_prediction_mean():
    logits = distribution(8, 3, 5, 7).log()
    targets = torch.tensor([[3, 0, 6, 1, 2], [5, 4, -100, -100, -100], [-100] * 5])
    nll = [
        -logits[b, t, targets[b, t]].item()
        for b, t in itertools.product(range(3), range(5))
        if targets[b, t] != -100
    ]
    library = torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets)
    assert len(nll) == 7
    assert math.isclose(sum(nll) / 7, library.item(), rel_tol=1e-12)


def test_eq_prediction_perplexity():
    costs = costs_of(9, 6)
    q = [math.exp(-x) for x in costs]
    geometric = math.prod(1 / x for x in q) ** (1 / 6)
    assert math.isclose(math.exp(sum(costs) / 6), geometric, rel_tol=1e-12)
    assert math.isclose(math.exp(sum([math.log(7)] * 6) / 6), 7, rel_tol=1e-12)  # a uniform guess


def test_eq_prediction_corpus():
    documents = [costs_of(seed, n) for seed, n in ((10, 3), (11, 8), (12, 5))]
    together = [x for costs in documents for x in costs]
    corpus = math.exp(sum(map(sum, documents)) / sum(map(len, documents)))
    product = math.prod(math.exp(x) for x in together) ** (1 / 16)
    assert math.isclose(corpus, product, rel_tol=1e-12)
    means = [sum(costs) / len(costs) for costs in documents]
    of_means, of_perplexities = math.exp(sum(means) / 3), sum(map(math.exp, means)) / 3
    assert abs(of_means - corpus) > 0.1
    assert of_perplexities > of_means


def test_eq_prediction_bits_per_byte():
    text = "naïve 天気"
    costs, n_bytes = costs_of(13, 5), len(text.encode())  # as if cut into 5 tokens
    bits = sum(x / math.log(2) for x in costs)
    assert n_bytes == 13
    assert math.isclose(sum(costs) / (n_bytes * math.log(2)), bits / 13, rel_tol=1e-12)
    perplexity = math.exp(sum(costs) / 5)
    assert math.isclose(bits / 13, 5 / 13 * math.log2(perplexity), rel_tol=1e-12)


def test_eq_prediction_paths():
    source = small_source(14)
    for text in every_text(3):
        by_hand = 0.0
        for first, second, third in itertools.product(range(2), repeat=3):
            by_hand += (
                source.initial[first] * source.emission[first, text[0]]
                * source.transition[first, second] * source.emission[second, text[1]]
                * source.transition[second, third] * source.emission[third, text[2]]
            ).item()  # fmt: skip
        assert math.isclose(by_hand, joint(source, text), rel_tol=1e-12)
    assert math.isclose(sum(joint(source, text) for text in every_text(3)), 1, rel_tol=1e-12)


def test_eq_prediction_forward():
    source = small_source(15)
    for text in every_text(5):
        alpha = source.initial * source.emission[:, text[0]]
        for t, token in enumerate(text[1:], 1):
            before = alpha.sum()
            assert math.isclose(before, joint(source, text[:t]), rel_tol=1e-12)
            alpha = (alpha @ source.transition) * source.emission[:, token]
            p = conditional(source, text, t + 1)
            assert math.isclose(alpha.sum() / before, p, rel_tol=1e-12)
        nll = source.clm_nll(torch.tensor([text]))[0, -1]
        assert math.isclose(nll, -math.log(p), rel_tol=1e-12)
