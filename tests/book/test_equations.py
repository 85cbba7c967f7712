"""Every numbered equation of the book, evaluated.

The test of ``eq-name`` is ``test_eq_name``; the book shows its source beside the equation.
"""

import itertools
import math

import torch
import torch.nn.functional as F

from labtools import definitions
from labtools.model import DecoderOnly, ModelConfig
from labtools.sources import HiddenMarkovSource


def small_source(seed):
    """Two states, three tokens."""
    g = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.rand(*shape, generator=g, dtype=torch.float64).softmax(-1)

    return HiddenMarkovSource(draw(2), draw(2, 2), draw(2, 3))


def joint(source, tokens):
    """p(x_1 … x_T): the sum over every path of hidden states, one after the other."""
    total = 0.0
    for path in itertools.product(range(2), repeat=len(tokens)):
        p = 1.0
        for t, (state, token) in enumerate(zip(path, tokens, strict=True)):
            p *= source.transition[path[t - 1], state] if t else source.initial[state]
            p *= source.emission[state, token]
        total += float(p)
    return total


def conditional(source, tokens, t):
    """p(x_t | x_{<t}), as a ratio of joint probabilities; t counts from 1."""
    return joint(source, tokens[:t]) / joint(source, tokens[: t - 1])


def every_text(length):
    return itertools.product(range(3), repeat=length)


def a_model_and_its_input():
    torch.manual_seed(3)
    model = DecoderOnly(ModelConfig(vocab_size=11, context_len=7, n_heads=2, d_model=16)).double()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return model, torch.randint(0, 11, (2, 7)), torch.ones(7, 7, dtype=torch.bool).tril()


def test_eq_clm_chain_rule():
    source = small_source(1)
    for text in every_text(4):
        product = math.prod(conditional(source, text, t) for t in range(1, 5))
        assert math.isclose(joint(source, text), product, rel_tol=1e-12)


def test_eq_clm_nll():
    source = small_source(2)
    for text in every_text(4):
        costs = [-math.log(conditional(source, text, t)) for t in range(1, 5)]
        assert math.isclose(-math.log(joint(source, text)), sum(costs), rel_tol=1e-12)


def test_eq_clm_divergence():
    p, q = small_source(3), small_source(4)
    texts = list(every_text(4))
    cross = sum(joint(p, x) * -math.log(joint(q, x)) for x in texts)
    entropy = sum(joint(p, x) * -math.log(joint(p, x)) for x in texts)
    divergence = sum(joint(p, x) * math.log(joint(p, x) / joint(q, x)) for x in texts)
    assert math.isclose(cross, entropy + divergence, rel_tol=1e-12)
    assert divergence > 1e-6


def test_eq_clm_logits():
    model, ids, causal = a_model_and_its_input()
    with torch.no_grad():
        logits = model(ids, causal)
        for t in range(7):  # the same numbers from the text up to t alone, and they sum to 1
            alone = model(ids[:, : t + 1], causal[: t + 1, : t + 1])[:, t]
            probs = alone.exp() / alone.exp().sum(-1, keepdim=True)
            torch.testing.assert_close(logits[:, t].softmax(-1), probs)
            torch.testing.assert_close(probs.sum(-1), torch.ones(2, dtype=torch.float64))


def test_eq_clm_mask():
    g = torch.Generator().manual_seed(5)
    scores = torch.randn(6, 6, generator=g, dtype=torch.float64)
    bias = torch.tensor([[0.0 if j <= i else -math.inf for j in range(6)] for i in range(6)])
    weights = (scores + bias).softmax(-1)
    for i in range(6):
        torch.testing.assert_close(weights[i, : i + 1], scores[i, : i + 1].softmax(-1))
        assert (weights[i, i + 1 :] == 0).all()
    value = torch.eye(6, dtype=torch.float64)
    boolean = torch.ones(6, 6, dtype=torch.bool).tril()
    attention = F.scaled_dot_product_attention(scores, value, value, boolean, scale=1.0)
    torch.testing.assert_close(attention, weights)


def test_eq_clm_depth():
    causal = torch.tensor([[definitions.causal(i, j) for j in range(7)] for i in range(7)])
    one_too_many = torch.ones(7, 7, dtype=torch.bool).tril(1)
    for layers in range(1, 6):
        seen = torch.linalg.matrix_power(causal.double(), layers) > 0
        assert torch.equal(seen, causal)
        leaked = torch.linalg.matrix_power(one_too_many.double(), layers) > 0
        assert torch.equal(leaked, torch.ones(7, 7, dtype=torch.bool).tril(layers))


def test_eq_clm_loss():
    g = torch.Generator().manual_seed(6)
    logits = torch.randn(3, 5, 7, generator=g, dtype=torch.float64)
    ids, lengths = torch.randint(0, 7, (3, 5), generator=g), [5, 3, 1]
    nll = []
    for b, n in enumerate(lengths):
        for t in range(n - 1):
            nll.append(-math.log(logits[b, t].softmax(-1)[ids[b, t + 1]]))
    rows = [(logits[b, : n - 1], ids[b, 1:n]) for b, n in enumerate(lengths)]
    library = F.cross_entropy(torch.cat([z for z, _ in rows]), torch.cat([x for _, x in rows]))
    assert math.isclose(sum(nll) / len(nll), library.item(), rel_tol=1e-12)


def test_eq_clm_gradient():
    g = torch.Generator().manual_seed(7)
    logits = torch.randn(6, 5, generator=g, dtype=torch.float64, requires_grad=True)
    targets = torch.tensor([3, 0, -100, 4, -100, 1])
    F.cross_entropy(logits, targets).backward()
    for t, target in enumerate(targets.tolist()):
        for v in range(5):
            by_hand = (logits[t].softmax(-1)[v].item() - (v == target)) / 4
            expected = by_hand if target != -100 else 0.0
            assert math.isclose(logits.grad[t, v].item(), expected, abs_tol=1e-12)


def test_eq_clm_accumulation():
    g = torch.Generator().manual_seed(8)
    pieces = [torch.rand(n, generator=g, dtype=torch.float64) for n in (4, 1, 9)]
    n_total = sum(len(piece) for piece in pieces)
    weighted = sum(len(piece) / n_total * piece.mean() for piece in pieces)
    torch.testing.assert_close(weighted, torch.cat(pieces).mean())
    mean_of_means = torch.stack([piece.mean() for piece in pieces]).mean()
    assert abs(mean_of_means - weighted) > 0.01


def test_eq_clm_document():
    documents = [7, 7, 7, 2, 2, 5]
    for i in range(6):
        for j in range(6):
            product = (j <= i) * (documents[i] == documents[j])
            assert definitions.document_causal(documents, i, j) == bool(product)


def test_eq_clm_forward():
    source = small_source(9)
    for text in every_text(4):
        belief = source.initial
        for t, token in enumerate(text, 1):
            seen = belief * source.emission[:, token]
            p = seen.sum()
            assert math.isclose(p, conditional(source, text, t), rel_tol=1e-12)
            belief = (seen / p) @ source.transition
        nll = source.clm_nll(torch.tensor([text]))
        assert math.isclose(nll.sum(), -math.log(joint(source, text)), rel_tol=1e-12)


def test_eq_clm_temperature():
    logits = [1.5, -0.3, 0.7, 0.0]
    p = [math.exp(x) for x in definitions.log_softmax(logits)]
    for temperature in (0.3, 1.0, 2.5):
        power = [x ** (1 / temperature) for x in p]
        by_power = [x / sum(power) for x in power]
        by_logits = definitions.sampling_probs(logits, temperature)
        torch.testing.assert_close(torch.tensor(by_logits), torch.tensor(by_power))
