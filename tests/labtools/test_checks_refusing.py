"""From scratch: calls that would answer the exercise are noticed in every form."""

import functools
import sys
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from labtools.checks import Case, Property, Refused, Spec, Words, diagnose, mistakes

WORDS = {"no-log": Words("there is no logarithm", "Take it.", "chapter 0")}
INSTEAD = "Use exp, log, sum and amax."
LOG_SOFTMAX = Spec(
    "log_softmax",
    ("logits",),
    "chapter 0",
    lambda logits: torch.log_softmax(logits, -1),
    lambda generator: [Case((torch.randn(2, 5, generator=generator),))],
    mistakes(WORDS, lambda z: torch.softmax(z, -1), [("no-log", {})]),
    refused=Refused("log_softmax", "softmax", "logsumexp", "cross_entropy", instead=INSTEAD),
)
ATTENTION = Spec(
    "attention",
    ("x",),
    "chapter 0",
    lambda x: F.scaled_dot_product_attention(x, x, x),
    lambda generator: [Case((torch.randn(1, 2, 5, 7, generator=generator),))],
    refused=Refused(
        "scaled_dot_product_attention", "multi_head_attention_forward", "flex_attention",
        instead="softmax is fine.",
    ),
)  # fmt: skip


def by_hand(z):
    z = z - z.amax(-1, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True).log()


alias = F.log_softmax
CALLS = {
    "torch": (lambda z: torch.log_softmax(z, -1), "log_softmax"),
    "functional": (lambda z: F.log_softmax(z, -1), "log_softmax"),
    "alias": (lambda z: alias(z, -1), "log_softmax"),
    "partial": (functools.partial(torch.log_softmax, dim=-1), "log_softmax"),
    "method": (lambda z: z.log_softmax(-1), "log_softmax"),
    "module": (nn.LogSoftmax(-1), "log_softmax"),
    "special": (lambda z: torch.special.log_softmax(z, -1), "log_softmax"),
    "operator": (lambda z: torch.ops.aten._log_softmax(z, -1, False), "log_softmax"),
    "softmax": (lambda z: z.softmax(-1).log(), "softmax"),
    "softmin": (lambda z: F.softmin(-z, -1).log(), "softmax"),
    "logsumexp": (lambda z: z - z.logsumexp(-1, keepdim=True), "logsumexp"),
    "distribution": (lambda z: torch.distributions.Categorical(logits=z).logits, "logsumexp"),
    "cross entropy": (
        lambda z: (
            -torch.stack(
                [
                    F.cross_entropy(z, torch.full((2,), v), reduction="none")
                    for v in range(z.shape[-1])
                ],
                -1,
            )
        ),
        "cross_entropy",
    ),
    "wrong as well": (lambda z: z.softmax(-1), "softmax"),
}


@pytest.mark.parametrize("form", CALLS)
def test_every_form_is_noticed(form):
    answer, name = CALLS[form]
    found = diagnose(LOG_SOFTMAX, answer)
    assert found.mistake == "refused"
    assert found.title == f"it calls {name}, which is what you are asked to write here"
    assert INSTEAD in found.explain


def test_the_line_is_told():
    def answer(z):
        z = z + 0
        return z.log_softmax(-1)

    found = diagnose(LOG_SOFTMAX, answer)
    assert found.where.endswith(": return z.log_softmax(-1)")
    assert found.where.startswith("  line ")


def test_from_scratch_is_right_and_mistakes_are_named():
    assert diagnose(LOG_SOFTMAX, by_hand) is None
    assert diagnose(LOG_SOFTMAX, lambda z: by_hand(z).exp()).mistake == "no-log"


def test_a_refused_call_in_a_property_is_noticed():
    prop = Property("p", WORDS["no-log"], lambda answer: answer(torch.zeros(3)).value and None)
    spec = Spec("f", ("z",), "", by_hand, lambda g: [], (), (prop,), refused=LOG_SOFTMAX.refused)
    assert diagnose(spec, lambda z: z.log_softmax(-1)).mistake == "refused"


def flex(x):
    from torch.nn.attention.flex_attention import flex_attention

    return flex_attention(x, x, x)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (lambda x: F.scaled_dot_product_attention(x, x, x), "scaled_dot_product_attention"),
        (
            lambda x: torch.ops.aten.scaled_dot_product_attention(x, x, x),
            "scaled_dot_product_attention",
        ),
        (
            lambda x: nn.MultiheadAttention(7, 1)(x[0], x[0], x[0])[0][None],
            "multi_head_attention_forward",
        ),
        (flex, "flex_attention"),
    ],
)
def test_attention(answer, name):
    found = diagnose(ATTENTION, answer)
    assert (found.mistake, name in found.title) == ("refused", True)


def test_attention_from_scratch():
    def answer(x):
        return ((x @ x.mT) / x.shape[-1] ** 0.5).softmax(-1) @ x

    assert diagnose(ATTENTION, answer) is None


def by_definition(z):
    """What a package offers under this name; it calls ``helps``."""
    return helps(z)


def helps(z):
    return z.log_softmax(-1)


DEFINED = Spec(
    "log_softmax",
    ("logits",),
    "chapter 0",
    lambda logits: torch.log_softmax(logits, -1),
    LOG_SOFTMAX.cases,
    refused=Refused(by_definition, instead=INSTEAD),
)
renamed = by_definition
FORMS = {
    "function": lambda z: by_definition(z),
    "renamed": lambda z: renamed(z),
    "partial": functools.partial(by_definition),
    "itself": by_definition,
    "map": lambda z: torch.stack([*map(by_definition, z)]),
    "wrong as well": lambda z: by_definition(z) + 1,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_function_of_python_is_noticed(form):
    found = diagnose(DEFINED, FORMS[form])
    assert (found.mistake, found.title.split()[2]) == ("refused", "by_definition,")


def test_the_line_of_a_function_of_python_is_told():
    def answer(z):
        z = z + 0
        return by_definition(z)

    assert diagnose(DEFINED, answer).where.endswith(": return by_definition(z)")


@pytest.mark.parametrize("answer", [by_hand, helps, lambda z: torch.log_softmax(z, -1)])
def test_what_a_refused_function_calls_is_not_refused(answer):
    assert diagnose(DEFINED, answer) is None


def test_a_copy_of_a_refused_function_is_an_answer():
    copied = type(by_definition)(by_definition.__code__.replace(), globals())
    assert copied.__code__ is not by_definition.__code__
    assert diagnose(DEFINED, copied) is None


def test_who_else_watches_the_calls_goes_on():
    seen = []

    def watch(frame, event, arg):
        seen.append(frame.f_code.co_name)

    sys.setprofile(watch)
    try:
        diagnose(DEFINED, by_hand)
        assert sys.getprofile() is watch
    finally:
        sys.setprofile(None)
    assert "diagnose" in seen


def test_names_and_functions_together():
    spec = replace(DEFINED, refused=Refused(by_definition, "softmax", instead=INSTEAD))
    assert "calls softmax" in diagnose(spec, lambda z: z.softmax(-1).log()).title
    assert "calls by_definition" in diagnose(spec, lambda z: by_definition(z)).title


@pytest.mark.parametrize("odd", [3, len, functools.partial(by_hand), nn.ReLU])
def test_only_names_and_functions_of_python_can_be_refused(odd):
    with pytest.raises(TypeError, match="expected a name or a function written in Python, got a"):
        Refused(odd, instead=INSTEAD)
