"""Every noise of chapter 6 can be undone, whatever the text; and T5's is as it was published."""

import random
import re
from itertools import pairwise

import pytest

from labtools.definitions import fill_in_middle, infilled, noise_spans, span_corruption

TEXTS = 400
SENTINELS = [f"<{k}>" for k in range(40)]
END, MASK = "</s>", "<mask>"
PREFIX, MIDDLE, SUFFIX = "<pre>", "<mid>", "<suf>"


def texts(seed):
    """Of 0 to 12 tokens out of 1 to 5: the shorter the list, the more often they repeat."""
    draw = random.Random(seed)
    for _ in range(TEXTS):
        tokens = "abcde"[: draw.randint(1, 5)]
        yield draw, [draw.choice(tokens) for _ in range(draw.randint(0, 12))]


def noise_of(draw, text):
    """Anything between none and all."""
    rate = draw.choice([0, 0.15, 0.5, 0.85, 1])
    return [draw.random() < rate for _ in text]


def spans_of(draw, T):
    """In order, not overlapping, of length 0 too: before the text, behind it, side by side.

    What is ambiguous is left out: a span of length 0 where another starts.
    """
    spans, t = [], 0
    while t <= T:
        length = min(draw.choice([0, 0, 1, 1, 2, 3]), T - t)
        if draw.random() < 0.5:
            spans.append((t, length))
        t += max(length, 1)
    return spans


def split_at(tokens, marks):
    """``[first, rest…]`` where each mark begins a new part, which it is left out of."""
    parts = [[]]
    for token in tokens:
        if token in marks:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


# span corruption


def undone(source, target):
    """The text: each sentinel of the source gives way to what the target has behind it."""
    assert source[-1] == target[-1] == END
    spans = dict(zip(SENTINELS, split_at(target[:-1], SENTINELS)[1:], strict=False))
    return [token for x in source[:-1] for token in spans.get(x, [x])]


def test_span_corruption_can_be_undone():
    for draw, text in texts(0):
        noise = noise_of(draw, text)
        assert undone(*span_corruption(text, noise, SENTINELS, END)) == text


def test_the_noise_can_be_read_from_source_and_target():
    """They say more than the text: where the noise was."""
    for draw, text in texts(1):
        noise = noise_of(draw, text)
        source, target = span_corruption(text, noise, SENTINELS, END)
        kept = split_at(source[:-1], SENTINELS)
        spans = split_at(target[:-1], SENTINELS)[1:]
        read = [False] * len(kept[0])
        for span, part in zip(spans, kept[1:], strict=False):
            read += [True] * len(span) + [False] * len(part)
        assert read == noise


def test_source_and_target_share_the_tokens_and_have_each_sentinel_once():
    for draw, text in texts(2):
        noise = noise_of(draw, text)
        k = len(noise_spans(noise))
        source, target = span_corruption(text, noise, SENTINELS, END)
        assert len(source) == len(text) - sum(noise) + k + 1
        assert len(target) == sum(noise) + k + 2
        assert [x for x in source if x in SENTINELS] == SENTINELS[:k]
        assert [x for x in target if x in SENTINELS] == SENTINELS[: k + 1]


def test_spans_are_the_longest_runs():
    for draw, text in texts(3):
        noise = noise_of(draw, text)
        spans = noise_spans(noise)
        covered = [t for start, length in spans for t in range(start, start + length)]
        assert covered == [t for t, x in enumerate(noise) if x]
        assert all(length > 0 for _, length in spans)
        ends = [start + length for start, length in spans]
        assert all(end < start for end, (start, _) in zip(ends, spans[1:], strict=False))


def test_neither_source_nor_target_alone_can_be_undone():
    """Two texts with the same source, and two with the same target."""
    noise = [False, True, False]
    first, other, third = (
        span_corruption(list(text), noise, SENTINELS, END) for text in ("abc", "axc", "xbc")
    )
    assert first[0] == other[0]
    assert first[1] != other[1]
    assert first[1] == third[1]
    assert first[0] != third[0]


PUBLISHED = [
    pytest.param(
        "Thank you [for inviting] me to your party [last] week .",
        "Thank you <X> me to your party <Y> week .",
        "<X> for inviting <Y> last <Z>",
        id="figure 2 of Raffel et al. 2020",
    ),
    pytest.param(
        "The [cute dog] walks in [the] park",
        "The <extra_id_0> walks in <extra_id_1> park",
        "<extra_id_0> cute dog <extra_id_1> the <extra_id_2>",
        id="Hugging Face's documentation of T5",
    ),
]


@pytest.mark.parametrize(("text", "source", "target"), PUBLISHED)
def test_span_corruption_is_as_published(text, source, target):
    parts = [part.split() for part in re.split(r"[\[\]]", text)]  # those in brackets are odd
    words = [word for part in parts for word in part]
    noise = [k % 2 == 1 for k, part in enumerate(parts) for _ in part]
    sentinels = re.findall("<[^>]+>", target)
    made = span_corruption(words, noise, sentinels, END)
    assert made == ([*source.split(), END], [*target.split(), END])


# infilling


def filled(source, spans):
    """The text, given what each mask stands for."""
    assert source.count(MASK) == len(spans)
    waiting = iter(spans)
    return [token for x in source for token in (next(waiting) if x == MASK else [x])]


def test_infilling_can_be_undone_given_the_spans():
    for draw, text in texts(4):
        spans = spans_of(draw, len(text))
        hidden = [text[start : start + length] for start, length in spans]
        source = infilled(text, spans, MASK)
        assert filled(source, hidden) == text
        assert len(source) == len(text) - sum(map(len, hidden)) + len(spans)


def test_infilling_can_be_undone_given_the_target():
    """The target of BART is the text itself, and the source agrees with it: it is the text with
    something, or nothing, in the place of each mask."""
    for draw, text in texts(5):
        source = infilled(text, spans_of(draw, len(text)), MASK)
        pattern = "".join(".*" if token == MASK else token for token in source)
        assert re.fullmatch(pattern, "".join(text))


def test_a_mask_does_not_say_how_many_tokens_it_hides():
    """So the source alone can be that of many texts, and two splits may fit one target."""
    assert infilled(list("abc"), [(1, 1)], MASK) == infilled(list("axxc"), [(1, 2)], MASK)
    assert infilled(list("ac"), [(1, 0)], MASK) == ["a", MASK, "c"]
    assert infilled(list("aa"), [(0, 1)], MASK) == [MASK, "a"]
    assert infilled(list("aa"), [(0, 0), (0, 1)], MASK) == [MASK, MASK, "a"]


def test_spans_of_length_0_stand_before_between_and_behind():
    assert infilled(list("ab"), [(0, 0), (1, 0), (2, 0)], MASK) == [MASK, "a", MASK, "b", MASK]
    assert infilled([], [(0, 0)], MASK) == [MASK]
    assert infilled(list("ab"), [], MASK) == ["a", "b"]


# fill in the middle


def in_place(moved):
    """The text: the parts are known by their marks, in whatever order they come."""
    parts = {}
    for token in moved:
        if token in (PREFIX, MIDDLE, SUFFIX):
            parts[token] = []
            latest = parts[token]
        else:
            latest.append(token)
    return parts[PREFIX] + parts[MIDDLE] + parts[SUFFIX]


@pytest.mark.parametrize("suffix_first", [False, True], ids=["psm", "spm"])
def test_the_middle_can_be_put_back(suffix_first):
    for draw, text in texts(6):
        start, end = sorted(draw.randint(0, len(text)) for _ in range(2))
        moved = fill_in_middle(text, start, end, PREFIX, MIDDLE, SUFFIX, suffix_first)
        assert in_place(moved) == text
        assert len(moved) == len(text) + 3
        assert moved[len(moved) - (end - start) - 1 :] == [MIDDLE, *text[start:end]]
        assert [x for x in moved if x in (PREFIX, SUFFIX)] == (
            [SUFFIX, PREFIX] if suffix_first else [PREFIX, SUFFIX]
        )


def test_where_the_middle_was_can_be_read():
    for draw, text in texts(7):
        start, end = sorted(draw.randint(0, len(text)) for _ in range(2))
        moved = fill_in_middle(text, start, end, PREFIX, MIDDLE, SUFFIX)
        prefix, suffix, middle = split_at(moved, (PREFIX, MIDDLE, SUFFIX))[1:]
        assert (len(prefix), len(prefix) + len(middle)) == (start, end)
        assert suffix == text[end:]


# what the others rely on


def test_the_texts_have_what_is_hard():
    """Empty ones and repeated tokens; noise at the start, at the end, nowhere and everywhere."""
    drawn = [(text, noise_of(draw, text), spans_of(draw, len(text))) for draw, text in texts(0)]
    noises = [noise for _, noise, _ in drawn if len(noise) > 1]
    assert any(not text for text, _, _ in drawn)
    assert any(a == b for text, _, _ in drawn for a, b in pairwise(text))
    assert any(x[0] and not x[-1] for x in noises)
    assert any(x[-1] and not x[0] for x in noises)
    assert any(x[0] and x[-1] and not all(x) for x in noises)
    assert any(map(all, noises))
    assert any(not any(x) for x in noises)
    assert any((len(text), 0) in spans for text, _, spans in drawn)
    assert any((0, 0) in spans for text, _, spans in drawn if text)
    sides = [(a + n, b) for _, _, s in drawn for (a, n), (b, _) in pairwise(s)]
    assert any(end == start for end, start in sides)
