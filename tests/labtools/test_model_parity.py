"""With the weights copied over, the libraries people use give the same numbers."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

from labtools.generation import complete
from labtools.model import DecoderOnly, EncoderDecoder, EncoderOnly, ModelConfig

V, B, T, S, H, D = 13, 2, 5, 7, 3, 24
EXACT = {torch.float32: 1e-5, torch.float64: 1e-10}
DTYPES = pytest.mark.parametrize("dtype", EXACT, ids=str)
GELUS = pytest.mark.parametrize("gelu", ["none", "tanh"])


def config(gelu="none", **sizes):
    sizes = {"n_layers": 2, "n_heads": H, "d_model": D, "d_ff": 40, **sizes}
    return ModelConfig(V, 11, **sizes, gelu_approximate=gelu)


def randomised(model, dtype, seed=1):
    generator = torch.Generator().manual_seed(seed)
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.2, generator=generator)
    return model.to(dtype)


def random_ids(*shape, seed=2):
    return torch.randint(0, V, shape, generator=torch.Generator().manual_seed(seed))


def assert_equal(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=0, atol=EXACT[ours.dtype])


def causal(n):
    return torch.ones(n, n, dtype=torch.bool).tril()


# Hugging Face's GPT-2


def gpt2(model):
    """Hugging Face's model with the weights of ours."""
    sizes = model.config
    theirs = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=sizes.vocab_size,
            n_positions=sizes.context_len,
            n_layer=sizes.n_layers,
            n_head=sizes.n_heads,
            n_embd=sizes.d_model,
            n_inner=sizes.d_ff,
            activation_function={"none": "gelu", "tanh": "gelu_new"}[sizes.gelu_approximate],
            bos_token_id=0,
            eos_token_id=None,
        )
    )
    names = {
        "norm_attn": "ln_1",
        "attn.qkv": "attn.c_attn",
        "attn.out": "attn.c_proj",
        "norm_ff": "ln_2",
        "ff.0": "mlp.c_fc",
        "ff.2": "mlp.c_proj",
    }
    body = theirs.transformer
    body.wte.load_state_dict(model.token_embedding.state_dict())
    body.wpe.load_state_dict(model.position_embedding.state_dict())
    body.ln_f.load_state_dict(model.norm_out.state_dict())
    for ours, block in zip(model.blocks, body.h, strict=True):
        for name, their_name in names.items():
            module = ours.get_submodule(name)
            weight = module.weight.T if isinstance(module, nn.Linear) else module.weight
            state = {"weight": weight, "bias": module.bias}
            block.get_submodule(their_name).load_state_dict(state)
    return theirs.to(model.norm_out.weight.dtype).eval()


@DTYPES
@GELUS
@pytest.mark.parametrize(
    "sizes",
    [
        {"n_layers": 1, "n_heads": 1, "d_model": 8},
        {"n_layers": 2, "n_heads": 3, "d_model": 24, "d_ff": 40},
        {"n_layers": 3, "n_heads": 2, "d_model": 20, "d_ff": 33},
    ],
    ids=str,
)
def test_gpt2(sizes, gelu, dtype):
    model = randomised(DecoderOnly(config(gelu, **sizes)), dtype)
    ids = random_ids(B, T)
    assert_equal(model(ids, causal(T)), gpt2(model)(ids).logits)


@DTYPES
@pytest.mark.parametrize("side", ["left", "right"])
def test_gpt2_with_padding(side, dtype):
    model = randomised(DecoderOnly(config("tanh")), dtype)
    ids, real = random_ids(B, T), torch.arange(T) < torch.tensor([[3], [T]])
    if side == "left":
        real = real.flip(1)
    positions = (real.cumsum(1) - 1).clamp(min=0)
    logits = model(ids, causal(T) & real[:, None, None], positions)
    expected = gpt2(model)(ids, attention_mask=real.long(), position_ids=positions).logits
    assert_equal(logits[real], expected[real])


@pytest.mark.parametrize("eos_id", [None, 5])
def test_generation_is_theirs_token_by_token(eos_id):
    model = randomised(DecoderOnly(config("tanh")), torch.float32, seed=9)
    prompts = random_ids(6, 3, seed=4)
    theirs = gpt2(model).generate(
        prompts,
        attention_mask=torch.ones_like(prompts),
        max_new_tokens=8,
        do_sample=False,
        eos_token_id=eos_id,
        pad_token_id=eos_id,
    )
    ours = complete(model, prompts, 8, eos_id=eos_id)
    assert ours[:, 3:].unique().numel() > 3  # else equal rows would prove little
    assert torch.equal(ours, theirs)


# PyTorch's own


def copy_attention(ours, theirs):
    theirs.in_proj_weight.data.copy_(ours.qkv.weight)
    theirs.in_proj_bias.data.copy_(ours.qkv.bias)
    theirs.out_proj.load_state_dict(ours.out.state_dict())


def copy_stack(ours, theirs):
    for block, layer in zip(ours.blocks, theirs.layers, strict=True):
        norms = [block.norm_attn, block.norm_ff]
        copy_attention(block.attn, layer.self_attn)
        if hasattr(block, "cross_attn"):
            copy_attention(block.cross_attn, layer.multihead_attn)
            norms.insert(1, block.norm_cross)
        for i, norm in enumerate(norms, start=1):
            layer.get_submodule(f"norm{i}").load_state_dict(norm.state_dict())
        layer.linear1.load_state_dict(block.ff[0].state_dict())
        layer.linear2.load_state_dict(block.ff[2].state_dict())
    theirs.norm.load_state_dict(ours.norm_out.state_dict())


def torch_encoder(sizes, dtype):
    layer = nn.TransformerEncoderLayer(**layer_options(sizes), dtype=dtype)
    norm = nn.LayerNorm(sizes.d_model, dtype=dtype)
    return nn.TransformerEncoder(layer, sizes.n_layers, norm, enable_nested_tensor=False)


def layer_options(sizes):
    return {
        "d_model": sizes.d_model,
        "nhead": sizes.n_heads,
        "dim_feedforward": sizes.d_ff,
        "dropout": 0.0,
        "activation": lambda x: F.gelu(x, approximate=sizes.gelu_approximate),
        "batch_first": True,
        "norm_first": True,
    }


@DTYPES
@GELUS
def test_transformer_encoder(gelu, dtype):
    model = randomised(EncoderOnly(config(gelu)), dtype)
    theirs = torch_encoder(model.config, dtype)
    copy_stack(model, theirs)
    ids, real = random_ids(B, S), torch.arange(S) < torch.tensor([[4], [S]])
    x = theirs(model.embed("input_ids", ids), src_key_padding_mask=~real)
    assert_equal(model.hidden(ids, real[:, None, None]), x)
    assert_equal(model(ids, real[:, None, None]), x @ model.token_embedding.weight.T)


@DTYPES
@GELUS
def test_transformer(gelu, dtype):
    model = randomised(EncoderDecoder(config(gelu)), dtype)
    options = layer_options(model.config)
    encoder = torch_encoder(model.config, dtype)
    theirs = nn.Transformer(num_decoder_layers=2, custom_encoder=encoder, **options, dtype=dtype)
    copy_stack(model.encoder, theirs.encoder)
    copy_stack(model.decoder, theirs.decoder)
    src, tgt_in = random_ids(B, S), random_ids(B, T, seed=3)
    real = torch.arange(S) < torch.tensor([[4], [S]])
    x = theirs(
        model.encoder.embed("src", src),
        model.decoder.embed("tgt_in", tgt_in),
        tgt_mask=~causal(T),
        src_key_padding_mask=~real,
        memory_key_padding_mask=~real,
    )
    sources = real[:, None, None]
    logits = model(src=src, tgt_in=tgt_in, src_mask=sources, tgt_mask=causal(T), cross_mask=sources)
    assert_equal(logits, x @ model.encoder.token_embedding.weight.T)
