"""Whether a function stays on the device of its input, on a machine that has no other device."""

import re
from collections.abc import Callable

from torch import Tensor

from labtools.checks.properties import Answer, Args
from labtools.checks.report import Diagnosis
from labtools.checks.sections import Section
from labtools.checks.spec import Property, Words

MIXED = re.compile("is not on the expected device|tensors to be on the same device")


def stays_on_device(
    args: Args, section: Section, part: Callable[..., Tensor] = lambda value: value
) -> Property:
    """With tensors on the device "meta", which every machine has, the result is there too.

    A function that asks for numbers (an ``if`` on a tensor, ``tolist``) raises an error there,
    which says nothing against it: only an error about two devices does.

    Args:
        args: Makes the arguments of a call.
        section: Of the book.
        part: Takes from the result the tensor that is meant.
    """
    words = Words(
        "it does not stay on the device of its input",
        "On a GPU this raises an error. Make new tensors where the input is: device=x.device, or "
        "torch.zeros_like, x.new_zeros and the like.",
        section,
    )

    def holds(answer: Answer) -> str | None:
        made = [x.to("meta") if isinstance(x, Tensor) else x for x in args()]
        try:
            device = part(answer(*made).value).device
        except Exception as error:  # the engine's own, which carries what the function raised
            title = error.args[0].title if isinstance(error.args[0], Diagnosis) else str(error)
            return f"  of tensors on another device\n  {title}" if MIXED.search(title) else None
        return None if device.type == "meta" else "  of tensors on another device it makes one here"

    return Property("ignores-device", words, holds)
