"""Ready-made sources. Each is there to show one thing; the floors it states are tested."""

import torch

from labtools.sources.hidden_markov import HiddenMarkovSource
from labtools.sources.orders import Order, reverse_order, swapped_blocks
from labtools.sources.paired import PairedSource
from labtools.vocab import SPECIAL

EASY_SYMBOLS = tuple("abcdefghijklmnopqrstuvwx")
"""The symbols of :func:`easy`, for a :class:`labtools.vocab.Vocab`."""


def easy() -> HiddenMarkovSource:
    """Six states in a ring, three groups of symbols: one token of context is not enough.

    The symbols are a … h, i … p and q … x, in three groups of eight. Around the ring the groups go
    1 2 3 1 3 2: after a symbol of group 1, group 2 or 3 may follow, and only the token before it
    tells which. The state moves on with probability 0.92 and jumps anywhere otherwise; a symbol is
    of its state's group with probability 0.97.

    On sequences of 48 the CLM floor is about 2.31 nats a token; on endless text it is 2.287. The
    best loss that looks one token back is 2.66, the best that looks nowhere 2.88, a uniform guess
    ln 24 = 3.18. The MLM floor with 15 % masked is 2.13; with BERT's corruption it is 1.98, for a
    tenth of the selected tokens are left as they were.
    """
    n_states, n_groups, per_group = 6, 3, 8
    jump = 0.1
    move = (1 - jump) * torch.eye(n_states).roll(1, dims=1) + jump / n_states
    group = torch.eye(n_groups)[[0, 1, 2, 0, 2, 1]].repeat_interleave(per_group, dim=1)  # (Z, 24)
    tilt = torch.tensor([0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05]).repeat(n_groups)
    stray = 0.05
    symbols = (1 - stray) * group * tilt + stray / (n_groups * per_group)
    return HiddenMarkovSource(torch.full((n_states,), 1 / n_states), move, _after_special(symbols))


def memoryless() -> HiddenMarkovSource:
    """One state: every token is drawn alone, and context is worth nothing.

    The symbols are those of :func:`easy`, a drawn most often. Every floor is the entropy of one
    token, 2.664 nats, for CLM, MLM and any window alike: there is only a frequency to learn.
    """
    weights = 1 / torch.arange(1, len(EASY_SYMBOLS) + 1)
    emission = _after_special((weights / weights.sum())[None])
    return HiddenMarkovSource(torch.ones(1), torch.ones(1, 1), emission)


AMBIGUOUS_SYMBOLS = tuple("abcdefghijklABCDEFGHIJKL")
"""The symbols of :func:`ambiguous`: twelve small letters and their capitals."""


def ambiguous() -> HiddenMarkovSource:
    """Every letter comes twice, small then capital: only what comes after tells what a letter is.

    A model that reads from the left pays ln 12 for a small letter and nothing for the capital after
    it: a CLM floor of ln(12) / 2 = 1.242 nats on texts of even length. A masked small letter is
    read off its capital, unless that is masked too: an MLM floor of 0.15 ln 12 = 0.373 at 15 %.
    """
    n = len(AMBIGUOUS_SYMBOLS) // 2
    small, capital = torch.eye(2 * n).split(n)
    initial = small.mean(0)
    transition = torch.cat([capital, initial.expand(n, -1)])
    return HiddenMarkovSource(initial, transition, _after_special(torch.eye(2 * n)))


LONG_MEMORY_SYMBOLS = tuple("abABCDEFGH")
"""The symbols of :func:`long_memory`: two fillers and eight capitals."""


def long_memory() -> HiddenMarkovSource:
    """Every eighth token is a capital, always the same one; in between only a (0.9) and b (0.1).

    The first capital costs ln 8. After it a model that remembers pays nothing for capitals, a model
    that sees only the last 7 tokens pays ln 8 each time.

    On sequences of 48 the CLM floor is 0.328 nats a token, with a window of 7 tokens it is 0.544,
    and the MLM floor at 15 % is 0.285.
    """
    n_keys, period = 8, 8
    transition = torch.kron(torch.eye(n_keys), torch.eye(period).roll(1, dims=1))
    filler = torch.tensor([0.9, 0.1] + [0.0] * n_keys).expand(n_keys, period - 1, -1)
    capital = torch.eye(n_keys + 2)[2:, None]
    emission = torch.cat([capital, filler], dim=1).flatten(0, 1)  # state = key, then phase
    initial = torch.eye(period)[0].repeat(n_keys) / n_keys
    return HiddenMarkovSource(initial, transition, _after_special(emission))


EASY_PAIRS_SYMBOLS = EASY_SYMBOLS + tuple("ABCDEFGHIJKLMNOPQRSTUVWX")
"""The symbols of :func:`easy_pairs`: source words first, then target words, in one vocabulary."""


def easy_pairs(order: Order = reverse_order) -> PairedSource:
    """Six meanings in a ring, two styles: the source tells what is said, the target's past how.

    From a meaning the text goes on to one of the three that follow it round the ring. In the
    source, meaning k is one of four words: a, b, c or d, then e, f, g or h, and so on. In the
    target it is A or B (0.2 each) whatever the style, C (0.6) in the first style and D (0.6) in the
    second, then E … H. The style is the same throughout a text, and the source does not show it, as
    English does not show whether "you" is "tu" or "vous". The target comes in reverse, so that a
    decoder has to look up where its next word is.

    On sequences of 16 the Seq2Seq floor is about 0.995 nats a token. A model without the target's
    past pays 1.367, for it cannot keep to a style; one without the source pays 2.14 as a language
    model, and 1.78 with 15 % of the target masked.
    """
    n_meanings, n_ahead = 6, 3
    meaning = torch.eye(n_meanings)
    ahead = torch.stack([meaning.roll(k, dims=1) for k in range(1, n_ahead + 1)]).mean(0)
    words = torch.kron(meaning, torch.tensor([[0.4, 0.3, 0.2, 0.1]])).repeat(2, 1)
    styles = torch.tensor([[[0.2, 0.2, 0.6, 0.0]], [[0.2, 0.2, 0.0, 0.6]]])
    translations = torch.cat([torch.kron(meaning, style) for style in styles])
    n_states, no_words = len(words), torch.zeros_like(words)
    return PairedSource(
        torch.full((n_states,), 1 / n_states),
        torch.kron(torch.eye(2), ahead),
        _after_special(torch.cat([words, no_words], dim=1)),
        _after_special(torch.cat([no_words, translations], dim=1)),
        order,
    )


UNCERTAIN_PAIRS_SYMBOLS = tuple("abcdefghijklABCDEFGHIJKL")
"""The symbols of :func:`uncertain_pairs`: source words first, then target words."""


def uncertain_pairs(order: Order | None = None) -> PairedSource:
    """Three meanings, four voices: the commoner a voice, the freer its choice of words.

    A meaning is followed by one of the other two, and has four words in either language, one for
    each voice: a, b, c, d and A, B, C, D, then e … h and E … H, then i … l and I … L. One voice
    speaks throughout a text: the first with probability 0.5, the others with 0.25, 0.15 and 0.1.
    In the target they say their own word with probability 0.4, 0.55, 0.7 and 0.85, in the source
    all with 0.4, and any of the other three alike. So the source only hints at who speaks. The
    target comes in pairs of neighbours that changed places, unless another ``order`` is given.

    Here the likeliest next word leads away from the likeliest target. Greedy decoding starts with
    what is probable now, a common voice, and then keeps to it; the best target as a whole is in a
    voice that is less likely and surer of its words, for three texts in four the last one. On
    sequences of 8 greedy decoding finds the best target for about 23 texts in 100, a beam of 2 for
    47, of 4 for 65, of 8 for 73 and of 16 for 91. The best costs 4.2 nats on average, greedy
    decoding's 5.8, and one that is drawn from p(y | x) 10.0, 8 times the Seq2Seq floor.
    """
    n_meanings, n_voices = 3, 4
    voice_probs = torch.tensor([0.5, 0.25, 0.15, 0.1])
    meaning = torch.eye(n_meanings)
    others = (1 - meaning) / (n_meanings - 1)
    words = _own_or_other(torch.full((n_voices,), 0.4))
    translations = _own_or_other(torch.tensor([0.4, 0.55, 0.7, 0.85]))
    source, target = (
        torch.cat([torch.kron(meaning, voice[None]) for voice in voices])
        for voices in (words, translations)
    )
    nothing = torch.zeros_like(source)
    return PairedSource(
        torch.kron(voice_probs, torch.full((n_meanings,), 1 / n_meanings)),
        torch.kron(torch.eye(n_voices), others),  # state = voice, then meaning
        _after_special(torch.cat([source, nothing], dim=1)),
        _after_special(torch.cat([nothing, target], dim=1)),
        order or swapped_blocks(1),
    )


def _own_or_other(own: torch.Tensor) -> torch.Tensor:
    """(n, n): voice k says word k with probability ``own[k]``, any other word alike."""
    n = len(own)
    return torch.where(torch.eye(n) > 0, own[:, None], (1 - own[:, None]) / (n - 1))


def _after_special(symbols: torch.Tensor) -> torch.Tensor:
    """The emission (Z, V) whose special tokens never come."""
    return torch.cat([torch.zeros(len(symbols), len(SPECIAL)), symbols], dim=1)
