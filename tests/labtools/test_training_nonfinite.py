"""Each way to a number that is not finite is told apart, and costs nothing."""

import copy
import math
import re

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from labtools.training import NonFiniteError, fit
from labtools.training.watching import Watch, blocked_queries

B, T, D, V = 2, 5, 6, 7
BAD = 3
"""The step at which it happens."""


class Attention(nn.Module):
    """Written by hand: a query with every key blocked gives NaN."""

    def __init__(self):
        super().__init__()
        self.qk = nn.Linear(D, 2 * D)

    def forward(self, x, attn_mask):
        q, k = self.qk(x).chunk(2, -1)  # (B, T, D)
        scores = (q @ k.mT).masked_fill(~attn_mask, -torch.inf)
        return scores.softmax(-1) @ x


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, D)
        self.norm = nn.BatchNorm1d(D)
        self.dropout = nn.Dropout(0.2)
        self.attn = Attention()
        self.out = nn.Linear(D, V)

    def forward(self, ids, attn_mask):
        x = self.dropout(self.norm(self.embedding(ids).mT).mT)
        return self.out(x + self.attn(x, attn_mask))


def batches(change):
    generator = torch.Generator().manual_seed(1)
    for step in range(10):
        ids = torch.randint(V, (B, T), generator=generator)
        batch = {"ids": ids, "attn_mask": torch.ones(T, T).tril() > 0, "labels": ids.clone()}
        if step == BAD:
            change(batch)
        yield batch


def loss(model, batch):
    logits = model(batch["ids"], batch["attn_mask"])  # (B, T, V)
    return F.cross_entropy(logits.mT, batch["labels"])


def fails(change=lambda batch: None, loss=loss, model=None):
    """The error, and the model beside its state after the steps before the bad one."""
    torch.manual_seed(0)
    model = model or Model()
    reference = copy.deepcopy(model)
    with pytest.raises(NonFiniteError) as caught:
        fit(model, batches(change), loss, steps=10, seed=2)
    error = caught.value
    if error.step == BAD:
        # a run of ten steps that ends before the bad one, for want of batches
        with pytest.raises(ValueError, match="batches"):
            fit(reference, list(batches(change))[:BAD], loss, steps=10, seed=2)
        for name, value in reference.state_dict().items():
            torch.testing.assert_close(model.state_dict()[name], value, equal_nan=True)
        assert len(error.history) == BAD
    return error, model


def at_step(broken):
    """A loss that is ``broken(model, batch)`` for the batch marked as bad."""
    return lambda model, batch: (broken if "bad" in batch else loss)(model, batch)


def mark(batch):
    batch["bad"] = torch.ones(1)


def test_nothing_scored_in_a_batch(capsys):
    error, model = fails(lambda batch: batch["labels"].fill_(-100))
    message = str(error)
    assert message.startswith("the loss is nan at step 3, counted from 0: all that came out of")
    assert "0/0 where this batch has nothing to score: batch['labels'] scores no" in message
    assert (error.batch["labels"] == -100).all()
    assert not model.training
    assert isinstance(error, FloatingPointError)
    assert capsys.readouterr().err == ""


def test_a_query_with_every_key_blocked(capsys):
    error, _ = fails(lambda batch: batch["attn_mask"][2].zero_())
    assert "the first nan came out of attn (nan at [0, 2, 0])" in str(error)
    assert "attn_mask of attn blocks every key at [2]" in str(error)


def test_a_module_without_a_mask_in_sight(capsys):
    class Broken(Model):
        def forward(self, ids, attn_mask):
            x = super().forward(ids, attn_mask)
            return self.dropout(x * (math.nan if (ids == ids[0, 0]).all() else 1))

    error, _ = fails(lambda batch: batch["ids"].fill_(4), model=Broken())
    assert "the first nan came out of dropout" in str(error)
    assert "usual causes: a query with every key blocked, −inf added to finfo.min" in str(error)


def test_a_target_of_probability_zero(capsys):
    def without_the_target(model, batch):
        logits = model(batch["ids"], batch["attn_mask"])
        return F.cross_entropy(logits.masked_fill(torch.arange(V) == 2, -torch.inf).mT, label2)

    label2 = torch.full((B, T), 2)
    error, _ = fails(mark, at_step(without_the_target))
    assert "the loss is inf at step 3" in str(error)
    assert "a target has probability 0: its logit is −inf" in str(error)


def test_a_missing_sign(capsys):
    error, _ = fails(mark, at_step(lambda model, batch: (0 * loss(model, batch)).log()))
    assert "the loss is -inf" in str(error)
    assert "its minus sign is missing" in str(error)


def test_infinite_logits_that_the_loss_multiplies_by_zero(capsys):
    class Blocking(nn.Module):
        def forward(self, logits):
            return logits.masked_fill(torch.arange(V) == 2, -torch.inf)

    def times_zero(model, batch):
        return (model.block(model(batch["ids"], batch["attn_mask"])) * 0).mean()

    model = Model()
    model.block = Blocking()
    torch.manual_seed(0)
    with pytest.raises(NonFiniteError) as caught:
        fit(model, batches(mark), at_step(times_zero), steps=10)
    assert "0 · inf, or inf − inf. The first infinite number came out of block (-inf" in str(
        caught.value
    )


def test_weights_that_were_bad_before(capsys):
    def poison(batch):
        with torch.no_grad():
            model.out.bias[1] = math.nan

    torch.manual_seed(0)
    model = Model()
    with pytest.raises(NonFiniteError) as caught:
        fit(model, batches(poison), loss, steps=10)
    assert "out.bias held such numbers before this step" in str(caught.value)
    assert "lower learning rate" in str(caught.value)
    assert caught.value.step == BAD


def test_a_run_that_diverges(capsys):
    class Square(nn.Module):
        def forward(self, x):
            return x * x - x * x  # inf - inf where x * x overflows

    class Growing(Model):
        def forward(self, ids, attn_mask):
            logits = super().forward(ids, attn_mask)
            return logits + self.square(1 + 1e30 * (ids == 4).all())

    model = Growing()
    model.square = Square()
    error, _ = fails(lambda batch: batch["ids"].fill_(4), model=model)
    assert "the first nan came out of square (nan at []). Its input is as large as 1e+30" in str(
        error
    )
    assert "the run diverges. Try a lower learning rate" in str(error)


def test_a_gradient_that_is_not_finite_though_the_loss_is(capsys):
    def root_at_zero(model, batch):
        x = model.out.weight * 0
        return torch.where(x > 0, x.sqrt(), 0).sum() + loss(model, batch)

    error, _ = fails(mark, at_step(root_at_zero))
    assert "the gradient's norm is nan at step 3" in str(error)
    assert "the gradient of out.weight is not finite, though the loss is" in str(error)
    assert "torch.where" in str(error)


def test_a_gradient_whose_squares_overflow(capsys):
    error, _ = fails(mark, at_step(lambda model, batch: loss(model, batch) * 1e25))
    assert "the gradient's norm is inf" in str(error)
    assert re.search(r"every entry is finite, up to \de\+2\d", str(error))


def test_a_loss_that_depends_on_something_else(capsys):
    calls = []

    def moody(model, batch):
        calls.append(None)
        return loss(model, batch) * (math.nan if len(calls) == BAD + 1 else 1)

    with pytest.raises(NonFiniteError, match="run again, the same batch gave a finite loss"):
        fit(Model(), batches(lambda batch: None), moody, steps=10)


def test_the_forward_pass_is_made_again_with_the_same_dropout(capsys):
    draws = []

    def unlucky(model, batch):
        draws.append(F.dropout(torch.ones(99)).tolist())
        bad = len(draws) > BAD and draws[-1] == draws[BAD]
        return model(batch).sum() * (math.nan if bad else 1)

    drawn_from_the_same_generator = iter(lambda: torch.rand(2, 3), None)
    with pytest.raises(NonFiniteError, match="the loss made it"):
        fit(nn.Linear(3, 1), drawn_from_the_same_generator, unlucky, steps=10)


def test_a_loss_that_cannot_be_run_again(capsys):
    def needs_a_gradient(model, batch):
        value = loss(model, batch)
        torch.autograd.grad(value, model.out.bias, retain_graph=True)
        return value * math.nan

    with pytest.raises(NonFiniteError, match="looking for the cause failed: RuntimeError"):
        fit(Model(), batches(lambda batch: None), needs_a_gradient, steps=10)


def test_a_checkpoint_keeps_the_steps_before_and_goes_on_with_a_mended_loss(tmp_path, capsys):
    def guarded(model, batch):
        return loss(model, batch) if (batch["labels"] >= 0).any() else 0 * model.out.bias.sum()

    def run(loss, path):
        torch.manual_seed(0)
        unscored = batches(lambda batch: batch["labels"].fill_(-100))
        return fit(Model(), unscored, loss, steps=10, seed=2, checkpoint=path)

    path = tmp_path / "run.pt"
    with pytest.raises(NonFiniteError):
        run(loss, path)
    assert run(guarded, path).losses == run(guarded, tmp_path / "other.pt").losses


def test_the_rows_of_masks_that_block_every_key():
    mask = torch.ones(2, 1, 4, 5, dtype=torch.bool)
    assert blocked_queries(mask) is None
    mask[1, 0, 3] = False
    assert blocked_queries(mask) == (1, 0, 3)
    assert blocked_queries(~mask, true_blocks=True) == (1, 0, 3)
    bias = torch.zeros(4, 5).masked_fill(torch.arange(4)[:, None] == 2, -torch.inf)
    assert blocked_queries(bias) == (2,)
    assert blocked_queries(torch.zeros(4, 1, dtype=torch.bool)) is None
    assert blocked_queries(torch.zeros(5, dtype=torch.bool)) is None


def test_the_masks_of_the_library_block_where_true():
    model = nn.MultiheadAttention(6, 3, batch_first=True)
    model.out_proj = nn.Identity()
    model.out_proj.weight, model.out_proj.bias = torch.full((6, 6), math.nan), None
    x, blocked = torch.ones(2, 5, 6), torch.ones(5, 5, dtype=torch.bool).triu(1)
    blocked[3] = True
    with Watch(model) as watch:
        model(x, x, x, attn_mask=blocked, need_weights=False)
    assert watch.nan.blocked == "attn_mask of the model blocks every key at [3]"
    assert watch.nan.where == "the model itself (nan at [0, 0, 0])"
