"""What those return who go wrong in ``fill_in_middle``.

A layout is written in letters: P, S and M are the marks, p, s and m their parts.
"""

from collections.abc import Callable, Iterator
from itertools import permutations, product

import torch
from torch import Tensor

from labtools.checks.ch06_denoising.middle_words import WORDS
from labtools.checks.spec import Mistake, mistakes

PSM, SPM, JOINT = "PpSsMm", "SsPpMm", "PSsMpm"
Row = list[int]
Parts = tuple[Row, Row, Row]  # prefix, middle, suffix


def _cut(row: Row, start: int, end: int) -> Parts:
    return row[:start], row[start:end], row[end:]


def arranged(
    ids: Tensor,
    start: int,
    end: int,
    prefix_id: int,
    middle_id: int,
    suffix_id: int,
    order: str,
    *,
    psm: str = PSM,
    spm: str = SPM,
    cut: Callable[[Row, int, int], Parts] = _cut,
) -> Tensor:
    """The parts and marks in the layout of the order; right when no knob is turned."""
    if order not in ("psm", "spm"):
        raise ValueError(f"order: expected 'psm' or 'spm', got {order!r}")
    prefix, middle, suffix = cut(ids.tolist(), start, end)
    piece = {"P": [prefix_id], "M": [middle_id], "S": [suffix_id]}
    piece |= {"p": prefix, "m": middle, "s": suffix}
    made = [token for letter in (psm if order == "psm" else spm) for token in piece[letter]]
    return torch.tensor(made, dtype=ids.dtype)


def _reversing(which: tuple[bool, ...]) -> Callable[[Row, int, int], Parts]:
    def cut(row: Row, start: int, end: int) -> Parts:
        parts = zip(_cut(row, start, end), which, strict=True)
        prefix, middle, suffix = (part[::-1] if turned else part for part, turned in parts)
        return prefix, middle, suffix

    return cut


CUTS: dict[str, tuple[Callable[[Row, int, int], Parts], ...]] = {
    "end-as-length": (lambda row, s, n: _cut(row, s, s + n),),
    "end-included": (lambda row, s, e: _cut(row, s, e + 1),),
    "start-off-by-one": (lambda row, s, e: _cut(row, s + 1, e),),
    "token-lost": (
        lambda row, s, e: (row[:s], row[s:e], row[e + 1 :]),
        lambda row, s, e: (row[:s], row[s : e - 1], row[e:]),
        lambda row, s, e: (row[:s], row[s + 1 : e], row[e:]),
        lambda row, s, e: (row[: max(s - 1, 0)], row[s:e], row[e:]),
        lambda row, s, e: (row[:s], row[s:e], row[e:-1]),
    ),
    "part-twice": (
        lambda row, s, e: (row[:s], row[s:e], row[s:]),
        lambda row, s, e: (row[:e], row[s:e], row[e:]),
        lambda row, s, e: (row[:s], row[s:], row[e:]),
        lambda row, s, e: (row[:s], row[:e], row[e:]),
        lambda row, s, e: (row[:s], row[s : e + 1], row[e:]),
        lambda row, s, e: (row[: s + 1], row[s:e], row[e:]),
        lambda row, s, e: (row, row[s:e], row[e:]),
        lambda row, s, e: (row[:s], row, row[e:]),
    ),
    "part-lost": (
        lambda row, s, e: ([], row[s:e], row[e:]),
        lambda row, s, e: (row[:s], [], row[e:]),
        lambda row, s, e: (row[:s], row[s:e], []),
    ),
    "reversed": tuple(
        _reversing(which) for which in product((False, True), repeat=3) if any(which)
    ),
}


def _exchanged(layout: str, letters: str) -> Iterator[str]:
    """The layout with these letters, all marks or all parts, in every other order."""
    for other in permutations(letters):
        if other != (*letters,):
            yield layout.translate(str.maketrans(letters, "".join(other)))


def _without(layout: str, letters: str) -> str:
    return "".join(letter for letter in layout if letter not in letters)


def _both(how: Callable[[str], str], spm: str) -> dict[str, str]:
    """Done to both orders alike."""
    return {"psm": how(PSM), "spm": how(spm)}


def _behind(layout: str) -> str:
    """Each mark behind its part."""
    return "".join(mark.lower() + mark for mark in layout if mark.isupper())


def _together(layout: str) -> str:
    """All marks, then all parts; or the last of the marks still in its place."""
    marks = "".join(filter(str.isupper, layout))
    return marks + marks.lower()


def _layouts(spm: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Mistakes in the layouts: in both orders or in one, of which "spm" is otherwise ``spm``."""
    yield from (("orders-swapped", {"psm": other, "spm": PSM}) for other in (SPM, JOINT))
    yield from (("order-ignored", {"psm": one, "spm": one}) for one in (PSM, SPM, JOINT))
    for left, other in product(("PpMmSs", "pms", "PpMmsS"), (spm, "SsMmPp", "MmSsPp", "SsMmpP")):
        yield "middle-not-last", {"psm": left, "spm": other}
        yield "middle-not-last", {"psm": left, "spm": left}
    for turned in ("SsMmPp", "MmSsPp", "PpMmSs", "MmPpSs"):
        yield "middle-not-last", {"psm": PSM, "spm": turned}
        yield "middle-not-last", {"psm": "MmPpSs", "spm": turned}
    yield "marks-behind", _both(_behind, SPM)
    yield "marks-together", _both(_together, SPM)
    yield "marks-together", {"psm": "PSpsMm", "spm": "SPspMm"}
    yield "marks-together", {"psm": "PSMpsm", "spm": "PSMspm"}
    yield from _wrong_marks(spm)
    for gone in ("P", "S", "M", "PS", "PM", "SM", "PSM"):
        yield "mark-missing", _both(lambda layout, gone=gone: _without(layout, gone), spm)  # type: ignore[misc]
        yield "mark-missing", {"psm": _without(PSM, gone), "spm": spm}
        yield "mark-missing", {"psm": PSM, "spm": _without(spm, gone)}
    yield "mark-missing", {"psm": PSM, "spm": "SsMpm"}
    yield "wrong-mark", {"psm": PSM, "spm": "SPsMpm"}
    yield "prefix-unmarked", {"psm": PSM, "spm": "SsMPpm"}


def _wrong_marks(spm: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Marks or parts exchanged, in both orders or in one."""
    for letters in ("PSM", "psm"):
        turned, other = [*_exchanged(PSM, letters)], [*_exchanged(spm, letters)]
        yield from (("wrong-mark", {"psm": x, "spm": spm}) for x in turned)
        yield from (("wrong-mark", {"psm": PSM, "spm": y}) for y in other)
        yield from (("wrong-mark", {"psm": x, "spm": y}) for x in turned for y in other)


def mistakes_of(spm: str) -> tuple[Mistake, ...]:
    """All of them, where the order "spm" has one of its two layouts."""
    cuts = ((name, {"spm": spm, "cut": cut}) for name, many in CUTS.items() for cut in many)
    rules = [(name, knobs) for name, knobs in _layouts(spm)]
    return mistakes(WORDS, arranged, [*rules, *cuts])
