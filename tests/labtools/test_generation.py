"""Generation with the cache gives what slow generation without it gives."""

import pytest
import torch

from labtools.generation import complete, translate
from labtools.model import DecoderOnly, EncoderDecoder, EncoderOnly, ModelConfig

V, B, T, S = 11, 4, 3, 7
CONFIG = ModelConfig(V, 12, n_heads=3, d_model=24)
START, EOS, PAD = 0, 1, 2


def made(architecture, seed=1):
    torch.manual_seed(seed)
    model = architecture(CONFIG).double()
    for weight in model.parameters():
        if weight.ndim == 2:  # with random biases, one token would be the likeliest everywhere
            torch.nn.init.normal_(weight, std=0.8)
    return model


@pytest.fixture
def decoder():
    return made(DecoderOnly)


@pytest.fixture
def encoder_decoder():
    return made(EncoderDecoder)


@pytest.fixture
def prompts():
    return torch.randint(0, V, (B, T), generator=torch.Generator().manual_seed(2))


@pytest.fixture
def sources():
    src = torch.randint(3, V, (B, S), generator=torch.Generator().manual_seed(3))
    real = torch.arange(S) < torch.tensor([[3], [S], [5], [4]])
    return {"src": src.masked_fill(~real, PAD), "src_mask": real[:, None, None]}


def next_logits(model, ids):
    causal = torch.ones(len(ids), len(ids), dtype=torch.bool).tril()
    return model(ids[None], causal)[0, -1]


def greedily(step, ids, n):
    for _ in range(n):
        ids = torch.cat([ids, step(ids).argmax()[None]])
    return ids


def test_greedy_completion_row_by_row(decoder, prompts):
    ids = complete(decoder, prompts, 9)
    for row, prompt in zip(ids, prompts, strict=True):
        assert torch.equal(row, greedily(lambda x: next_logits(decoder, x), prompt, 9))


@pytest.mark.parametrize(("temperature", "top_k"), [(1.0, None), (0.7, 4), (3.0, V + 1)])
def test_frequencies_of_samples_are_the_probabilities(decoder, prompts, temperature, top_k):
    logits = next_logits(decoder, prompts[0]) / temperature / 8
    decoder.norm_out.weight.data /= 8  # flatter, so that several tokens are likely
    if top_k is not None:
        logits[logits < logits.sort(descending=True).values[:top_k][-1]] = -torch.inf
    options = {"temperature": temperature, "top_k": top_k}
    generator = torch.Generator().manual_seed(5)
    many = complete(decoder, prompts[:1].expand(6_000, T), 1, generator=generator, **options)
    frequencies = many[:, -1].bincount(minlength=V) / 6_000
    torch.testing.assert_close(frequencies.double(), logits.softmax(-1), rtol=0, atol=0.025)


def test_samples_repeat_with_the_seed(decoder, prompts):
    def sample(seed):
        generator = torch.Generator().manual_seed(seed)
        return complete(decoder, prompts, 9, temperature=5.0, generator=generator)

    assert torch.equal(sample(1), sample(1))
    assert not torch.equal(sample(1), sample(2))


def test_the_likeliest_token_alone_is_greedy(decoder, prompts):
    assert torch.equal(
        complete(decoder, prompts, 9, temperature=9.0, top_k=1), complete(decoder, prompts, 9)
    )


def test_finished_rows_are_filled_and_all_finished_stops(decoder, prompts):
    free = complete(decoder, prompts, 9)
    eos_id = free[0, T + 1].item()
    ends = [(row[T:] == eos_id).nonzero()[:1].flatten().tolist() for row in free]
    assert len({*map(tuple, ends)}) > 1  # rows end at different places
    ids = complete(decoder, prompts, 9, eos_id=eos_id)
    for row, without, end in zip(ids, free, ends, strict=True):
        stop = T + end[0] if end else None
        assert torch.equal(row[:stop], without[: len(row)][:stop])
        assert end == [] or (row[stop:] == eos_id).all()
    first = complete(decoder, prompts[:1], 9, eos_id=eos_id)
    assert first.shape[1] == T + ends[0][0] + 1


def test_nothing_new_is_a_copy_of_the_prompt(decoder, prompts):
    ids = complete(decoder, prompts, 0)
    assert torch.equal(ids, prompts)
    assert ids.data_ptr() != prompts.data_ptr()


def test_completions_can_be_trained_on(decoder, prompts):
    ids = complete(decoder, prompts, 2)
    causal = torch.ones(T + 2, T + 2, dtype=torch.bool).tril()
    decoder(ids, causal).sum().backward()
    assert decoder.token_embedding.weight.grad.isfinite().all()


def test_translation_row_by_row(encoder_decoder, sources):
    def alone(src, mask):
        def step(ids):
            causal = torch.ones(len(ids), len(ids), dtype=torch.bool).tril()
            return encoder_decoder(src[None], ids[None], mask[None], causal, mask[None])[0, -1]

        return greedily(step, torch.tensor([START]), 9)[1:].tolist()

    free = [alone(*row) for row in zip(*sources.values(), strict=True)]
    eos_id = free[0][2]
    ends = [row.index(eos_id) + 1 if eos_id in row else 9 for row in free]
    assert len({*ends}) > 1  # rows end at different places
    expected = [row[:end] + [PAD] * (max(ends) - end) for row, end in zip(free, ends, strict=True)]
    options = {"decoder_start_id": START, "eos_id": eos_id, "pad_id": PAD}
    assert translate(encoder_decoder, **sources, max_new_tokens=9, **options).tolist() == expected


def test_a_translation_does_not_depend_on_the_padding(encoder_decoder, sources):
    options = {"max_new_tokens": 6, "decoder_start_id": START, "eos_id": EOS, "pad_id": PAD}
    whole = translate(encoder_decoder, **sources, **options)
    src, src_mask = sources["src"][:1, :3], sources["src_mask"][:1, ..., :3]
    alone = translate(encoder_decoder, src, src_mask, **options)
    assert torch.equal(whole[:1, : alone.shape[1]], alone)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": lambda ids, mask: None}, "model: expected DecoderOnly, got function"),
        ({"model": EncoderOnly(CONFIG)}, "model: expected DecoderOnly, got EncoderOnly"),
        ({"prompt_ids": torch.zeros(B, T)}, "prompt_ids: expected dtype int64"),
        ({"prompt_ids": torch.zeros(B, 0, dtype=torch.int64)}, "prompt_ids: expected from 1 to"),
        ({"prompt_ids": torch.zeros(B, 12, dtype=torch.int64)}, "from 1 to 11 tokens .* got 12"),
        ({"max_new_tokens": -1}, "max_new_tokens: expected an int of at least 0, got -1"),
        ({"eos_id": V}, "eos_id: expected a value from 0 to 10, got 11"),
        ({"temperature": -1.0}, "temperature: expected a value from 0 to inf, got -1.0"),
        ({"top_k": 0, "temperature": 1.0}, "top_k: expected an int of at least 1, got 0"),
    ],
)
def test_wrong_arguments_of_a_completion_are_refused(decoder, prompts, arguments, message):
    arguments = {"model": decoder, "prompt_ids": prompts, "max_new_tokens": 2, **arguments}
    with pytest.raises((TypeError, ValueError), match=message):
        complete(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": DecoderOnly(CONFIG)}, "model: expected EncoderDecoder, got DecoderOnly"),
        ({"src": torch.zeros(S, dtype=torch.int64)}, r"src: expected shape \(B, S\)"),
        ({"src_mask": torch.ones(S, S, dtype=torch.bool)}, "src_mask: expected a shape"),
        ({"max_new_tokens": 13}, "max_new_tokens"),
        ({"decoder_start_id": -100}, "decoder_start_id: expected an int of at least 0, got -100"),
        ({"pad_id": V}, "pad_id: expected a value from 0 to 10, got 11"),
    ],
)
def test_wrong_arguments_of_a_translation_are_refused(encoder_decoder, sources, arguments, message):
    options = {"max_new_tokens": 2, "decoder_start_id": START, "eos_id": EOS, "pad_id": PAD}
    with pytest.raises((TypeError, ValueError), match=message):
        translate(**{"model": encoder_decoder, **sources, **options, **arguments})
