"""The numbered equations of chapter 5, evaluated; the pairs are few enough to be added up."""

import heapq
import itertools
import math

import torch
import torch.nn.functional as F

from labtools import definitions
from labtools.model import EncoderDecoder, ModelConfig

SOURCES = ("x1", "x2", "x3")
END = "<eos>"
TARGETS = [(*words, END) for n in range(3) for words in itertools.product("ab", repeat=n)]


def pairs(seed):
    """p(x, y) of every pair: three sources, targets of up to two words and their end."""
    g = torch.Generator().manual_seed(seed)
    p = torch.rand(len(SOURCES), len(TARGETS), generator=g, dtype=torch.float64) ** 3
    p /= p.sum()
    cells = itertools.product(enumerate(SOURCES), enumerate(TARGETS))
    return {(x, y): p[i, j].item() for (i, x), (j, y) in cells}


def prob(joint, prefix=(), source=None):
    """p(the target begins with ``prefix``, and the source is this one, or any)."""
    n = len(prefix)
    return sum(p for (x, y), p in joint.items() if y[:n] == prefix and source in (x, None))


def given_source(joint, y, x):
    """p(y | x)."""
    return joint[x, y] / prob(joint, source=x)


def next_given(joint, y, t, x=None):
    """p(y_t | y_{<t}, x), or without x; t counts from 1."""
    return prob(joint, y[:t], x) / prob(joint, y[: t - 1], x)


def mean(joint, value):
    return sum(p * value(x, y) for (x, y), p in joint.items())


def test_eq_s2s_chain_rule():
    joint = pairs(1)
    for x in SOURCES:
        total = 0.0
        for y in TARGETS:
            product = math.prod(next_given(joint, y, t, x) for t in range(1, len(y) + 1))
            assert math.isclose(given_source(joint, y, x), product, rel_tol=1e-12)
            total += product
        assert math.isclose(total, 1, rel_tol=1e-12)  # with <eos>, over texts of all lengths


def test_eq_s2s_divergence():
    truth, model = pairs(2), pairs(3)
    loss = mean(truth, lambda x, y: -math.log(given_source(model, y, x)))
    floor = mean(truth, lambda x, y: -math.log(given_source(truth, y, x)))
    divergence = 0.0
    for x in SOURCES:
        ratios = [(given_source(truth, y, x), given_source(model, y, x)) for y in TARGETS]
        kl = sum(p * math.log(p / q) for p, q in ratios)
        assert kl > 1e-3
        divergence += prob(truth, source=x) * kl
    assert math.isclose(loss, floor + divergence, rel_tol=1e-12)


def test_eq_s2s_information():
    joint = pairs(4)

    def term(x, y, t):
        """log p(x, y_t | y_{<t}) / (p(x | y_{<t}) p(y_t | y_{<t}))."""
        before = prob(joint, y[: t - 1])
        together = prob(joint, y[:t], x) / before
        return math.log(together / (prob(joint, y[: t - 1], x) / before * next_given(joint, y, t)))

    terms = [
        sum(p * term(x, y, t) for (x, y), p in joint.items() if t <= len(y)) for t in (1, 2, 3)
    ]
    alone = mean(joint, lambda x, y: -math.log(prob(joint, y)))
    with_source = mean(joint, lambda x, y: -math.log(given_source(joint, y, x)))
    whole = mean(
        joint, lambda x, y: math.log(joint[x, y] / (prob(joint, source=x) * prob(joint, y)))
    )
    assert math.isclose(alone - with_source, sum(terms), rel_tol=1e-12)
    assert math.isclose(sum(terms), whole, rel_tol=1e-12)
    assert min(terms[:2]) > 1e-3
    assert abs(terms[2]) < 1e-12  # after two words the end is certain


def test_eq_s2s_masks():
    pad, S = 0, 7
    src = torch.tensor([[5, 6, 7, 8, 9, pad, pad], [5, 6, pad, pad, pad, pad, pad]])
    labels = torch.tensor([[3, 4, 5, 6, -100], [4, 3, -100, -100, -100]])
    T = labels.shape[1]
    source = (src != pad)[:, None, None]  # (B, 1, 1, S)
    reads = F.pad(labels[:, :-1] != -100, (1, 0), value=True)[:, None, None]  # (B, 1, 1, T)
    decoder = reads & torch.ones(T, T, dtype=torch.bool).tril()
    for b, row in enumerate(labels.tolist()):
        known = [None if label == -100 else label for label in row]
        real = int((src[b] != pad).sum())
        for i, j in itertools.product(range(S), repeat=2):
            assert source.expand(2, 1, S, S)[b, 0, i, j] == definitions.real_key(j, real)
        for i, j in itertools.product(range(T), repeat=2):
            reads_token = j == 0 or known[j - 1] is not None
            assert decoder[b, 0, i, j] == (j <= i and reads_token)
            assert decoder[b, 0, i, j] == definitions.decoder_causal(known, i, j)
        for i, j in itertools.product(range(T), range(S)):
            assert source.expand(2, 1, T, S)[b, 0, i, j] == (src[b, j] != pad)


def test_eq_s2s_depth():
    S, T = 4, 3
    R = torch.zeros(S + T, S + T)
    R[:, :S] = 1
    R[S:, S:] = torch.ones(T, T).tril()
    power = R
    for _ in range(4):
        power = power @ R
        assert torch.equal(power > 0, R > 0)
    leaking = R.clone()
    leaking[0, S + T - 1] = 1  # a source token that sees the last target token
    assert (leaking @ leaking)[S, S + T - 1] > 0  # and through it, the first target token does


def a_model():
    torch.manual_seed(5)
    config = ModelConfig(vocab_size=11, context_len=7, n_heads=2, d_model=16)
    model = EncoderDecoder(config).double()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return model


def test_eq_s2s_shift():
    model, src, y = a_model(), torch.tensor([[4, 5, 6, 7, 8]]), [9, 3, 7, 2]  # y_1 … y_4
    everything, causal = torch.ones(1, 1).bool(), torch.ones(4, 4).bool().tril()

    def probs(labels, start=1):
        d = definitions.decoder_inputs(labels, start, pad=0)
        assert d == [start, *labels[:-1]]
        return model(src, torch.tensor([d]), everything, causal, everything)[0].softmax(-1)

    p = probs(y)
    assert torch.allclose(p.sum(-1), torch.ones(4, dtype=p.dtype))
    for t in range(4):
        changed = [label if k < t else 10 - label for k, label in enumerate(y)]
        assert torch.allclose(probs(changed)[t], p[t], atol=1e-12)  # has not read its label
        if t:
            past = [10 - label if k == t - 1 else label for k, label in enumerate(y)]
            assert (probs(past)[t] - p[t]).abs().max() > 1e-4  # has read the one before
    assert (probs(y, start=6) - p).abs().amax(-1).min() > 1e-4  # and everyone reads the start


def test_eq_s2s_loss():
    g = torch.Generator().manual_seed(6)
    logits = torch.randn(2, 5, 7, generator=g, dtype=torch.float64)
    labels = torch.tensor([[3, 4, 5, 6, -100], [4, 3, -100, -100, -100]])
    nll = []
    for rows, row in zip(logits.tolist(), labels.tolist(), strict=True):
        nll += definitions.nll(rows, [None if label == -100 else label for label in row])
    assert len(nll) == 6
    library = F.cross_entropy(logits.transpose(1, 2), labels)
    assert math.isclose(sum(nll) / 6, library.item(), rel_tol=1e-12)


EPSILON, V = 0.3, 5


def a_distribution(seed):
    g = torch.Generator().manual_seed(seed)
    weights = torch.rand(V, generator=g, dtype=torch.float64) ** 3
    return weights / weights.sum()


def smoothed(p):
    return (1 - EPSILON) * p + EPSILON / V


def cross_entropy(p, q):
    return -sum(a * math.log(b) for a, b in zip(p.tolist(), q.tolist(), strict=True) if a)


def test_eq_s2s_smoothed():
    p = a_distribution(7)
    logits = p.log() + 2
    for y in range(V):
        q = smoothed(F.one_hot(torch.tensor(y), V).double())
        assert math.isclose(q.sum(), 1, rel_tol=1e-12)
        loss = cross_entropy(q, p)
        split = (1 - EPSILON) * -math.log(p[y]) + EPSILON / V * sum(-math.log(v) for v in p)
        library = F.cross_entropy(logits, torch.tensor(y), label_smoothing=EPSILON)
        for other in (split, library, definitions.smoothed_nll(logits.tolist(), y, EPSILON)):
            assert math.isclose(loss, other, rel_tol=1e-12)


def test_eq_s2s_smoothing_minimiser():
    p, model = a_distribution(8), a_distribution(9)
    one_hot = torch.eye(V, dtype=torch.float64)

    def loss(q):
        return sum(p[y] * cross_entropy(smoothed(one_hot[y]), q) for y in range(V)).item()

    best = smoothed(p)
    entropy, divergence = cross_entropy(best, best), (best * (best / model).log()).sum().item()
    assert math.isclose(loss(model), entropy + divergence, rel_tol=1e-12)
    assert math.isclose(loss(best), entropy, rel_tol=1e-12)
    assert loss(best) < min(loss(model), loss(p))


def test_eq_s2s_smoothing_cost():
    certain = F.one_hot(torch.tensor(2), V).double()
    for p in (a_distribution(10), certain, torch.full((V,), 1 / V, dtype=torch.float64)):
        best = smoothed(p)
        more = cross_entropy(p, best) - cross_entropy(p, p)
        divergence = sum(a * math.log(a / b) for a, b in zip(p, best, strict=True) if a)
        assert math.isclose(more, divergence, abs_tol=1e-12)
        assert -1e-12 < more <= -math.log(1 - EPSILON)
        assert (best >= (1 - EPSILON) * p).all()


def test_eq_s2s_exposure():
    g = torch.Generator().manual_seed(11)
    T = 4
    p = torch.rand(2**T, generator=g, dtype=torch.float64)
    p = dict(zip(itertools.product((True, False), repeat=T), (p / p.sum()).tolist(), strict=True))
    product = 1.0  # of texts, each token right or wrong, with some probability
    for t in range(T):
        right_so_far = sum(q for text, q in p.items() if all(text[:t]))
        then_wrong = sum(q for text, q in p.items() if all(text[:t]) and not text[t])
        product *= 1 - then_wrong / right_so_far
    assert math.isclose(p[(True,) * T], product, rel_tol=1e-12)


def test_eq_s2s_search():
    joint = pairs(12)
    for x in SOURCES:
        for y in TARGETS:
            begins = [prob(joint, y[:t], x) for t in range(len(y) + 1)]
            assert all(more >= less for more, less in itertools.pairwise(begins))
        open_texts = [(-prob(joint, (), x), ())]  # the likeliest beginning first
        while open_texts[0][1][-1:] != (END,):
            _, prefix = heapq.heappop(open_texts)
            for token in ("a", "b", END):
                p = prob(joint, (*prefix, token), x)
                if p:
                    heapq.heappush(open_texts, (-p, (*prefix, token)))
        assert open_texts[0][1] == max(TARGETS, key=lambda y: joint[x, y])
