"""Wrong answers to ``fill_in_middle``."""

import torch
from ch06_denoising.mutants.parts import mutant


def middle_mutant(name, *diagnosed):
    return mutant("fill_in_middle", None, name, *diagnosed)


def _checked(order):
    if order not in ("psm", "spm"):
        raise ValueError(f"order: expected 'psm' or 'spm', got {order!r}")


def _made(ids, *pieces):
    """One tensor of ids and pieces of text."""
    return torch.cat([ids.new_tensor([x]) if isinstance(x, int) else x for x in pieces])


def _ordered(ids, order, prefix, suffix, middle):
    """Marked parts, each a tuple of pieces, in their order."""
    _checked(order)
    first = (prefix, suffix) if order == "psm" else (suffix, prefix)
    return _made(ids, *first[0], *first[1], *middle)


@middle_mutant("psm and spm exchanged", "orders-swapped")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    first = (suffix, prefix) if order == "psm" else (prefix, suffix)
    return _made(ids, *first[0], *first[1], middle_id, ids[start:end])


@middle_mutant("exchanged, with the joint layout", "orders-swapped")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    prefix, middle, suffix = ids[:start], ids[start:end], ids[end:]
    if order == "psm":
        return _made(ids, prefix_id, suffix_id, suffix, middle_id, prefix, middle)
    return _made(ids, prefix_id, prefix, suffix_id, suffix, middle_id, middle)


@middle_mutant("always psm", "order-ignored")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    return _made(ids, prefix_id, ids[:start], suffix_id, ids[end:], middle_id, ids[start:end])


@middle_mutant("always spm", "order-ignored")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    return _made(ids, suffix_id, ids[end:], prefix_id, ids[:start], middle_id, ids[start:end])


@middle_mutant("always the joint layout", "order-ignored")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    return _made(ids, prefix_id, suffix_id, ids[end:], middle_id, ids[:start], ids[start:end])


@middle_mutant("any other order is psm", "order-unchecked")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    if order == "spm":
        prefix, suffix = suffix, prefix
    return _made(ids, *prefix, *suffix, middle_id, ids[start:end])


@middle_mutant("any other order is spm", "order-unchecked")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    first = prefix + suffix if order == "psm" else suffix + prefix
    return _made(ids, *first, middle_id, ids[start:end])


@middle_mutant("parts by letter, whatever the letters", "order-unchecked")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    parts = {"p": (prefix_id, ids[:start]), "s": (suffix_id, ids[end:])}
    parts["m"] = middle_id, ids[start:end]
    pieces = [piece for letter in order for piece in parts[letter]]
    return _made(ids, *pieces) if pieces else ids.clone()


@middle_mutant("a KeyError for another order", "order-unchecked")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    first = {"psm": prefix + suffix, "spm": suffix + prefix}[order]
    return _made(ids, *first, middle_id, ids[start:end])


@middle_mutant("an assertion for another order", "order-unchecked")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    assert order in ("psm", "spm")
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end]))


@middle_mutant("None for another order", "order-unchecked")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    middle = middle_id, ids[start:end]
    if order == "psm":
        return _made(ids, *prefix, *suffix, *middle)
    if order == "spm":
        return _made(ids, *suffix, *prefix, *middle)
    return None


@middle_mutant("the ValueError is returned", "order-unchecked")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    if order not in ("psm", "spm"):
        return ValueError(order)
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end]))


@middle_mutant("upper case alone is known", "raised")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    if order not in ("PSM", "SPM"):
        raise ValueError(order)
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order.lower(), prefix, suffix, (middle_id, ids[start:end]))


@middle_mutant("the middle in its place", "middle-not-last")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    return _made(ids, prefix_id, ids[:start], middle_id, ids[start:end], suffix_id, ids[end:])


@middle_mutant("the middle in its place, from the right for spm", "middle-not-last")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    parts = [(prefix_id, ids[:start]), (middle_id, ids[start:end]), (suffix_id, ids[end:])]
    parts = parts if order == "psm" else parts[::-1]
    return _made(ids, *[piece for part in parts for piece in part])


@middle_mutant("spm read as suffix, prefix in the middle", "middle-not-last")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    middle = middle_id, ids[start:end]
    if order == "psm":
        return _made(ids, *prefix, *suffix, *middle)
    return _made(ids, *suffix, *middle, *prefix)


@middle_mutant("the middle first", "middle-not-last")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    middle = middle_id, ids[start:end]
    if order == "psm":
        return _made(ids, *middle, *prefix, *suffix)
    return _made(ids, *middle, *suffix, *prefix)


@middle_mutant("each mark behind its part", "marks-behind")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (ids[:start], prefix_id), (ids[end:], suffix_id)
    return _ordered(ids, order, prefix, suffix, (ids[start:end], middle_id))


@middle_mutant("all marks first", "marks-together")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    prefix, middle, suffix = ids[:start], ids[start:end], ids[end:]
    if order == "psm":
        return _made(ids, prefix_id, suffix_id, middle_id, prefix, suffix, middle)
    return _made(ids, suffix_id, prefix_id, middle_id, suffix, prefix, middle)


@middle_mutant("both marks of the context first", "marks-together")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    prefix, middle, suffix = ids[:start], ids[start:end], ids[end:]
    if order == "psm":
        return _made(ids, prefix_id, suffix_id, prefix, suffix, middle_id, middle)
    return _made(ids, suffix_id, prefix_id, suffix, prefix, middle_id, middle)


@middle_mutant("marks of prefix and suffix exchanged", "wrong-mark")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (suffix_id, ids[:start]), (prefix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end]))


@middle_mutant("marks in the order of the arguments", "wrong-mark")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (middle_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (suffix_id, ids[start:end]))


@middle_mutant("psm and spm differ in the texts alone", "wrong-mark")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    first, second = (ids[:start], ids[end:]) if order == "psm" else (ids[end:], ids[:start])
    return _made(ids, prefix_id, first, suffix_id, second, middle_id, ids[start:end])


@middle_mutant("psm and spm differ in the marks alone", "wrong-mark")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    first, second = (prefix_id, suffix_id) if order == "psm" else (suffix_id, prefix_id)
    return _made(ids, first, ids[:start], second, ids[end:], middle_id, ids[start:end])


@middle_mutant("prefix and suffix mixed up", "wrong-mark")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[end:]), (suffix_id, ids[:start])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end]))


@middle_mutant("no marks", "mark-missing")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    return _ordered(ids, order, (ids[:start],), (ids[end:],), (ids[start:end],))


@middle_mutant("no prefix_id", "mark-missing")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (ids[:start],), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end]))


@middle_mutant("no middle_id", "mark-missing")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (ids[start:end],))


@middle_mutant("no suffix_id", "mark-missing")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (ids[end:],)
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end]))


@middle_mutant("the joint layout without its first mark", "mark-missing")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    prefix, middle, suffix = ids[:start], ids[start:end], ids[end:]
    if order == "psm":
        return _made(ids, prefix_id, prefix, suffix_id, suffix, middle_id, middle)
    return _made(ids, suffix_id, suffix, middle_id, prefix, middle)


@middle_mutant("the prefix and its mark behind middle_id", "prefix-unmarked")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    prefix, middle, suffix = ids[:start], ids[start:end], ids[end:]
    if order == "psm":
        return _made(ids, prefix_id, prefix, suffix_id, suffix, middle_id, middle)
    return _made(ids, suffix_id, suffix, middle_id, prefix_id, prefix, middle)


def _cut_mutant(name, diagnosed, cut, *, joint=False):
    """Of the right layout, with wrong parts."""

    @middle_mutant(name, *diagnosed)
    def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
        prefix, middle, suffix = cut(ids, start, end)
        if joint and order == "spm":
            return _made(ids, prefix_id, suffix_id, suffix, middle_id, prefix, middle)
        marked = (prefix_id, prefix), (suffix_id, suffix), (middle_id, middle)
        return _ordered(ids, order, *marked)


_cut_mutant(
    "end is a length",
    ["end-as-length"],
    lambda x, s, n: (x[:s], x[s : s + n], x[s + n :]),
)
_cut_mutant(
    "end is a length, joint",
    ["end-as-length"],
    lambda x, s, n: (x[:s], x[s : s + n], x[s + n :]),
    joint=True,
)
_cut_mutant("end included", ["end-included"], lambda x, s, e: (x[:s], x[s : e + 1], x[e + 1 :]))
_cut_mutant(
    "end included, joint",
    ["end-included"],
    lambda x, s, e: (x[:s], x[s : e + 1], x[e + 1 :]),
    joint=True,
)
_cut_mutant(
    "start excluded", ["start-off-by-one"], lambda x, s, e: (x[: s + 1], x[s + 1 : e], x[e:])
)
_cut_mutant("the token at end lost", ["token-lost"], lambda x, s, e: (x[:s], x[s:e], x[e + 1 :]))
_cut_mutant("the token at start lost", ["token-lost"], lambda x, s, e: (x[:s], x[s + 1 : e], x[e:]))
_cut_mutant("the last of the suffix lost", ["token-lost"], lambda x, s, e: (x[:s], x[s:e], x[e:-1]))
_cut_mutant("the suffix from start on", ["part-twice"], lambda x, s, e: (x[:s], x[s:e], x[s:]))
_cut_mutant("the prefix up to end", ["part-twice"], lambda x, s, e: (x[:e], x[s:e], x[e:]))
_cut_mutant("the middle to the end", ["part-twice"], lambda x, s, e: (x[:s], x[s:], x[e:]))
_cut_mutant(
    "the middle twice, joint", ["part-twice"], lambda x, s, e: (x[:s], x[s:e], x[s:]), joint=True
)
_cut_mutant("the suffix lost", ["part-lost"], lambda x, s, e: (x[:s], x[s:e], x[:0]))
_cut_mutant("no middle", ["part-lost"], lambda x, s, e: (x[:s], x[:0], x[e:]))
_cut_mutant("the suffix backwards", ["reversed"], lambda x, s, e: (x[:s], x[s:e], x[e:].flip(0)))
_cut_mutant(
    "all backwards", ["reversed"], lambda x, s, e: (x[:s].flip(0), x[s:e].flip(0), x[e:].flip(0))
)
_cut_mutant(
    "a suffix counted from the end",
    ["empty-suffix"],
    lambda x, s, e: (x[:s], x[s:e], x[e - len(x) :]),
)
_cut_mutant(
    "a prefix by what it leaves out",
    ["prefix-alone"],
    lambda x, s, e: (x[: s - len(x)], x[s:e], x[e:]),
)
_cut_mutant(
    "sorted bounds, one apart at least",
    ["empty-middle"],
    lambda x, s, e: (x[:s], x[s : max(e, s + 1)], x[max(e, s + 1) :]),
)


@middle_mutant("no mark for an empty middle", "empty-middle")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    middle = (middle_id, ids[start:end]) if end > start else ()
    return _ordered(ids, order, (prefix_id, ids[:start]), (suffix_id, ids[end:]), middle)


@middle_mutant("no mark for an empty suffix", "empty-suffix")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    suffix = (suffix_id, ids[end:]) if end < len(ids) else ()
    return _ordered(ids, order, (prefix_id, ids[:start]), suffix, (middle_id, ids[start:end]))


@middle_mutant("no mark for any empty part", "empty-prefix")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, middle, suffix = (
        (mark, part) if len(part) else ()
        for mark, part in (
            (prefix_id, ids[:start]),
            (middle_id, ids[start:end]),
            (suffix_id, ids[end:]),
        )
    )
    return _ordered(ids, order, prefix, suffix, middle)


@middle_mutant("the text itself when there is no middle", "empty-middle")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    if start == end and order in ("psm", "spm"):
        return ids
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end]))


@middle_mutant("writes into the text", "in-place")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    made = _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end]))
    ids[start:end] = middle_id
    return made


@middle_mutant("an end appended", "wrong-shape")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end], 2))


@middle_mutant("a list", "wrong-type")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end])).tolist()


@middle_mutant("three parts", "wrong-type")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    return (
        _made(ids, prefix_id, ids[:start]),
        _made(ids, suffix_id, ids[end:]),
        _made(ids, middle_id, ids[start:end]),
    )


@middle_mutant("a batch of one", "wrong-shape")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end]))[None]


@middle_mutant("floats", "wrong-dtype")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end])).float()


@middle_mutant("int32", "wrong-dtype")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end])).int()


@middle_mutant("an order drawn at random", "not-deterministic", None)
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    _checked(order)
    order = "psm" if torch.rand(()) < 0.5 else "spm"
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end]))


@middle_mutant("a span of its own choice")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    start, end = len(ids) // 3, 2 * len(ids) // 3
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order, prefix, suffix, (middle_id, ids[start:end]))


@middle_mutant("marks that are known by heart")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (91, ids[:start]), (93, ids[end:])
    return _ordered(ids, order, prefix, suffix, (92, ids[start:end]))


@middle_mutant("the book's own function", "refused")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    from labtools import definitions as book

    _checked(order)
    marks = prefix_id, middle_id, suffix_id
    return torch.tensor(book.fill_in_middle(ids.tolist(), start, end, *marks, order == "spm"))


@middle_mutant("the order in any case", "order-unchecked")
def _(ids, start, end, prefix_id, middle_id, suffix_id, order):
    prefix, suffix = (prefix_id, ids[:start]), (suffix_id, ids[end:])
    return _ordered(ids, order.lower(), prefix, suffix, (middle_id, ids[start:end]))
