"""Wrong answers to ``greedy_decode``: the loop, and when a row ends."""

import torch
import torch.nn.functional as F
from ch05_seq2seq.mutants.decoding import decoded, loop_mutant, start_column

from labtools.vocab import eos_id


def cut(tgt_in):
    return tgt_in[:, 1:].clone()


def append(tgt_in, token):
    return torch.cat([tgt_in, token[:, None]], 1)


@loop_mutant(None, "end of sequence not looked at", "eos-ignored")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    for _ in range(n):
        tgt_in = append(tgt_in, ask(tgt_in))
    return cut(tgt_in)


@loop_mutant(None, "stops when any row is finished", "stops-too-early")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    for _ in range(n):
        token = ask(tgt_in)
        tgt_in = append(tgt_in, token)
        if (token == eos).any():
            break
    return cut(tgt_in)


@loop_mutant(None, "stops when the first row is finished", "stops-too-early")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    for _ in range(n):
        token = ask(tgt_in)
        tgt_in = append(tgt_in, token)
        if token[0] == eos:
            break
    return cut(tgt_in)


@loop_mutant(None, "stops only when all rows end at once", "stops-together")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    for _ in range(n):
        token = ask(tgt_in)
        tgt_in = append(tgt_in, token)
        if (token == eos).all():
            break
    return cut(tgt_in)


@loop_mutant(None, "finished rows go on", "not-filled")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    finished = torch.zeros(len(src), dtype=torch.bool)
    for _ in range(n):
        token = ask(tgt_in)
        tgt_in = append(tgt_in, token)
        finished |= token == eos
        if finished.all():
            break
    return cut(tgt_in)


def _filling(name, what, *diagnosed):
    @loop_mutant(None, name, *diagnosed)
    def _(ask, src, n, start, eos, pad):
        return decoded(ask, src, n, start, eos, what(start, eos))


_filling("filled with eos", lambda start, eos: eos, "filled-with-eos")
_filling("filled with 0", lambda start, eos: 0, "filled-wrongly")


@loop_mutant(None, "filled with the start token")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, n, start, eos, start)


@loop_mutant(None, "filled with −100", "filled-wrongly")
def _(ask, src, n, start, eos, pad):
    out = decoded(ask, src, n, start, eos, pad)
    ends = (out == eos).int()
    return out.masked_fill(ends.cumsum(1) - ends > 0, -100)


@loop_mutant(None, "filled one token late", "filled-late")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    finished = torch.zeros(len(src), dtype=torch.bool)
    late = finished.clone()
    for _ in range(n):
        token = ask(tgt_in).masked_fill(late, pad)
        late = finished.clone()
        tgt_in = append(tgt_in, token)
        finished |= token == eos
        if finished.all():
            break
    return cut(tgt_in)


@loop_mutant(None, "pad where the eos should be", "eos-lost")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    finished = torch.zeros(len(src), dtype=torch.bool)
    for _ in range(n):
        token = ask(tgt_in)
        finished |= token == eos
        tgt_in = append(tgt_in, token.masked_fill(finished, pad))
        if finished.all():
            break
    return cut(tgt_in)


@loop_mutant(None, "pad where the eos should be, and cut", "eos-lost")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    finished = torch.zeros(len(src), dtype=torch.bool)
    for _ in range(n):
        token = ask(tgt_in)
        finished |= token == eos
        if finished.all():
            break
        tgt_in = append(tgt_in, token.masked_fill(finished, pad))
    return cut(tgt_in)


@loop_mutant(None, "the last end dropped", "end-dropped")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    finished = torch.zeros(len(src), dtype=torch.bool)
    for _ in range(n):
        token = ask(tgt_in).masked_fill(finished, pad)
        finished |= token == eos
        if finished.all():
            break
        tgt_in = append(tgt_in, token)
    return cut(tgt_in)


@loop_mutant(None, "always as long as allowed", "never-stops")
def _(ask, src, n, start, eos, pad):
    out = decoded(ask, src, n, start, eos, pad)
    return F.pad(out, (0, n - out.shape[1]), value=pad)


@loop_mutant(None, "always as long as allowed, filled with eos", "filled-with-eos")
def _(ask, src, n, start, eos, pad):
    out = decoded(ask, src, n, start, eos, eos)
    return F.pad(out, (0, n - out.shape[1]), value=eos)


@loop_mutant(None, "stops one step late", "stops-late")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    finished = torch.zeros(len(src), dtype=torch.bool)
    for _ in range(n):
        stop = bool(finished.all())
        token = ask(tgt_in).masked_fill(finished, pad)
        tgt_in = append(tgt_in, token)
        finished |= token == eos
        if stop:
            break
    return cut(tgt_in)


@loop_mutant(None, "the start token in the result", "start-kept")
def _(ask, src, n, start, eos, pad):
    out = decoded(ask, src, n, start, eos, pad)
    return torch.cat([start_column(src, start), out], 1)


@loop_mutant(None, "the start token counts as one of them", "start-kept")
def _(ask, src, n, start, eos, pad):
    out = decoded(ask, src, max(n - 1, 0), start, eos, pad)
    return torch.cat([start_column(src, start), out], 1)


@loop_mutant(None, "cut twice", "first-dropped")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, n, start, eos, pad)[:, 1:].clone()


@loop_mutant(None, "one token too many", "wrong-count")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, n + 1, start, eos, pad)


@loop_mutant(None, "one token too few", "wrong-count")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, max(n - 1, 0), start, eos, pad)


@loop_mutant(None, "at least one token", "no-new-tokens")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, max(n, 1), start, eos, pad)


@loop_mutant(None, "nothing asked, nothing stacked", "no-new-tokens")
def _(ask, src, n, start, eos, pad):
    out = decoded(ask, src, n, start, eos, pad)
    return torch.stack([out[:, t] for t in range(out.shape[1])], 1)


@loop_mutant(None, "float ids when nothing is asked", "no-new-tokens")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, n, start, eos, pad) if n else torch.zeros(len(src), 0)


@loop_mutant(39, "a start token that is eos ends the row", "start-is-eos")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    for _ in range(n):
        finished = (tgt_in == eos).any(1)
        if finished.all():
            break
        tgt_in = append(tgt_in, ask(tgt_in).masked_fill(finished, pad))
    return cut(tgt_in)


@loop_mutant(39, "a row whose last token is eos is finished", "start-is-eos")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    finished = torch.zeros(len(src), dtype=torch.bool)
    for _ in range(n):
        finished |= tgt_in[:, -1] == eos
        if finished.all():
            break
        tgt_in = append(tgt_in, ask(tgt_in).masked_fill(finished, pad))
    return cut(tgt_in)


@loop_mutant(39, "the first eos of all that was read", "start-is-eos")
def _(ask, src, n, start, eos, pad):
    rows = start_column(src, start)
    for _ in range(n):
        rows = append(rows, ask(rows))
    out = [row[: row.index(eos) + 1] if eos in row else row for row in rows.tolist()]
    width = max(map(len, out))
    filled = torch.tensor([row + [pad] * (width - len(row)) for row in out])
    return cut(filled)


@loop_mutant(22, "a generated pad ends the row", "generated-pad")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    finished = torch.zeros(len(src), dtype=torch.bool)
    for _ in range(n):
        token = ask(tgt_in).masked_fill(finished, pad)
        tgt_in = append(tgt_in, token)
        finished |= (token == eos) | (token == pad)
        if finished.all():
            break
    return cut(tgt_in)


@loop_mutant(39, "a row that ends in pad is finished", "start-is-pad")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    finished = torch.zeros(len(src), dtype=torch.bool)
    for _ in range(n):
        finished |= (tgt_in[:, -1] == eos) & (tgt_in.shape[1] > 1) | (tgt_in[:, -1] == pad)
        if finished.all():
            break
        tgt_in = append(tgt_in, ask(tgt_in).masked_fill(finished, pad))
    return cut(tgt_in)


@loop_mutant(None, "filled up, then trailing columns of pad cut off", "generated-pad")
def _(ask, src, n, start, eos, pad):
    out = decoded(ask, src, n, start, eos, pad)
    out = F.pad(out, (0, n - out.shape[1]), value=pad)
    while out.shape[1] and (out[:, -1] == pad).all():
        out = out[:, :-1]
    return out.clone()


@loop_mutant(None, "as long as the last token that is not pad", "generated-pad")
def _(ask, src, n, start, eos, pad):
    out = decoded(ask, src, n, start, eos, pad)
    places = (out != pad).nonzero()[:, 1]
    return out[:, : int(places.max()) + 1 if len(places) else 0].clone()


@loop_mutant(39, "the course's own id of <eos> ends a row", "eos-assumed")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, n, start, eos_id, pad)


@loop_mutant(39, "T5's id of </s> ends a row", "eos-assumed")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, n, start, 1, pad)


@loop_mutant(None, "columns of nothing but pad cut off", "generated-pad")
def _(ask, src, n, start, eos, pad):
    out = decoded(ask, src, n, start, eos, pad)
    return out[:, (out != pad).any(0)]


@loop_mutant(None, "finished only for one step", "not-filled")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    finished = torch.zeros(len(src), dtype=torch.bool)
    for _ in range(n):
        token = ask(tgt_in).masked_fill(finished, pad)
        tgt_in = append(tgt_in, token)
        finished = token == eos
        if finished.all():
            break
    return cut(tgt_in)


@loop_mutant(None, "never ends without an eos", "endless")
def _(ask, src, n, start, eos, pad):
    tgt_in = start_column(src, start)
    finished = torch.zeros(len(src), dtype=torch.bool)
    while not finished.all():
        token = ask(tgt_in[:, :9])
        tgt_in = append(tgt_in, token)
        finished |= token == eos
    return cut(tgt_in)


@loop_mutant(None, "all tokens from one reading", "wrong-shape")
def _(ask, src, n, start, eos, pad):
    token = ask(start_column(src, start))
    return token[:, None].repeat(1, n)


@loop_mutant(23, "the source's padding replaced in place", "in-place")
def _(ask, src, n, start, eos, pad):
    out = decoded(ask, src, n, start, eos, pad)
    src[src == pad] = -1
    return out


@loop_mutant(23, "the source overwritten with the result", "in-place")
def _(ask, src, n, start, eos, pad):
    out = decoded(ask, src, n, start, eos, pad)
    if out.shape[1]:
        src[:, 0] = out[:, 0]
    return out


@loop_mutant(None, "only the first row", "wrong-shape")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, n, start, eos, pad)[:1]


@loop_mutant(None, "a list of rows", "wrong-type")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, n, start, eos, pad).tolist()


@loop_mutant(None, "float ids", "wrong-dtype")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, n, start, eos, pad).float()


@loop_mutant(None, "transposed", "wrong-shape")
def _(ask, src, n, start, eos, pad):
    return decoded(ask, src, n, start, eos, pad).T.clone()
