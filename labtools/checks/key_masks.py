"""A mask of keys, (B, 1, 1, S), in the wrong shape: what several chapters' checks know of it."""

from torch import Tensor

from labtools.checks.sections import Section
from labtools.checks.spec import Rules, Words


def shape_words(blocked: Section, relation: Section) -> dict[str, Words]:
    """What is said of the names in ``SHAPES``.

    Args:
        blocked: The section about queries that see nothing.
        relation: The section about a mask's rows and columns.
    """
    return {
        "queries-masked": Words(
            "query rows are masked instead of key columns",
            "What must not be read is a key, so it is a column that is blocked, for every query: "
            "(B, 1, 1, S). A blocked row is a query with nothing to see, and a softmax over "
            "nothing is NaN. What padding queries compute is left out of the loss.",
            blocked,
        ),
        "rows-too": Words(
            "query rows are masked as well as key columns",
            "A padding query that sees nothing has a softmax over nothing, which is NaN. Block the "
            "keys alone, for every query: (B, 1, 1, S).",
            blocked,
        ),
        "repeated-for-queries": Words(
            "the mask is repeated for every query",
            "All queries may see the same keys, so one row is enough: (B, 1, 1, S) broadcasts to "
            "any number of queries, and that need not be S.",
            relation,
        ),
        "not-broadcast": Words(
            "the dimensions of heads and queries are missing",
            "(B, S) beside scores of (B, H, T, S) is read as (T, S) when B happens to equal T, "
            "silently, and (B, 1, S) as (H, T, S). Put the 1s where heads and queries are: "
            "(B, 1, 1, S).",
            relation,
        ),
        "axes-misplaced": Words(
            "the dimensions stand in another order than (B, 1, 1, S)",
            "An attention mask is read as (B, H, T, S): batch items first and keys last, with 1 "
            "for heads and queries.",
            relation,
        ),
    }


def for_each_query(mask: Tensor) -> Tensor:
    """(B, 1, 1, S) repeated for S queries."""
    return mask.expand(-1, -1, mask.shape[-1], -1)


SHAPES: Rules = (
    ("queries-masked", {"dress": lambda mask: mask.mT}),
    ("queries-masked", {"dress": lambda mask: for_each_query(mask).mT}),
    ("queries-masked", {"dress": lambda mask: mask[:, 0].mT}),
    ("rows-too", {"dress": lambda mask: mask & mask.mT}),
    ("repeated-for-queries", {"dress": for_each_query}),
    ("not-broadcast", {"dress": lambda mask: mask[:, 0, 0]}),
    ("not-broadcast", {"dress": lambda mask: mask[:, 0]}),
    ("axes-misplaced", {"dress": lambda mask: mask.permute(0, 3, 1, 2)}),
    ("axes-misplaced", {"dress": lambda mask: mask.transpose(0, 2)}),
    ("axes-misplaced", {"dress": lambda mask: mask.transpose(0, 1)}),
    ("axes-misplaced", {"dress": lambda mask: mask[:, 0, 0].T}),
    ("axes-misplaced", {"dress": lambda mask: mask.transpose(0, 2).mT}),
)
