"""The result has the dtype, or the device, of what was given."""

import re
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from labtools.checks.drawing import dtype_name
from labtools.checks.properties.shared import Answer, Args, Part, diagnosed, part_of, shown
from labtools.checks.report import Diagnosis
from labtools.checks.spec import Property, Words


def follows_dtype(
    words: Words,
    args: Args,
    dtypes: Sequence[torch.dtype] = (torch.float64, torch.float16, torch.bfloat16),
    part: Part | None = None,
    name: str = "ignores-dtype",
) -> Property:
    """With every float argument in another dtype, the result has that dtype."""

    def holds(answer: Answer) -> str | Diagnosis | None:
        for dtype in dtypes:
            made = [x.to(dtype) if _is_float(x) else x for x in args()]
            given = f"  called with float arguments in {dtype_name(torch.empty(0, dtype=dtype))}"
            try:
                got = part_of(answer(*made), part)
            except Exception as error:
                if found := diagnosed(error):
                    return replace(found, where=f"{given}\n{found.where}")
                raise
            if got.dtype != dtype:
                return f"{given}\n{shown(*made)}\n  it returned {dtype_name(got)}"
        return None

    return Property(name, words, holds)


def _is_float(x: object) -> bool:
    return isinstance(x, Tensor) and x.is_floating_point()


def follows_device(
    words: Words,
    args: Args,
    devices: Sequence[str] | None = None,
    part: Part | None = None,
    name: str = "ignores-device",
    keyword: str | None = None,
) -> Property:
    """With every tensor on another device, the result is there too.

    Args:
        devices: The accelerators that this machine has, if not given. "meta" is on every machine
            and shows a forgotten ``device=`` too. It holds no numbers: a function that must have
            some of a tensor that it makes without a device cannot be judged, and passes, as does
            one with ``device="cpu"`` written out.
        keyword: The argument by which the function is told the device, if it is.
    """

    def holds(answer: Answer) -> str | None:
        used = _accelerators() if devices is None else devices
        found = (_not_followed(answer, args, device, keyword, part) for device in used)
        return next((where for where in found if where), None)

    return Property(name, words, holds)


def _not_followed(
    answer: Answer, args: Args, device: str, keyword: str | None, part: Part | None
) -> str | None:
    usual = _with_meta_as_default(answer, args, keyword, part) if device == "meta" else ""
    if usual:
        default = "  its result is on the default device, wherever it should be"
        return default if usual == "meta" else None
    made = [x.to(device) if isinstance(x, Tensor) else x for x in args()]
    told = {keyword: device} if keyword else {}
    try:
        got = part_of(answer(*made, **told), part).device
    except Exception as error:
        found = diagnosed(error)
        if found and MIXED.search(found.title):
            return f"  on {device} {found.title}\n  in {found.explain}"
        if found and device == "meta":
            return None
        raise
    if got.type == torch.device(device).type:
        return None
    asked = f"with {keyword}={device!r}" if keyword else f"of tensors on {device}"
    return f"  {asked} it makes one on {got}"


def _with_meta_as_default(
    answer: Answer, args: Args, keyword: str | None, part: Part | None
) -> str:
    """Where the result is if all that is given is on the CPU; "" if an error was raised.

    Tried first, for it can be told of functions that ask for numbers too, and because tril, for
    one, imports much of torch on "meta" itself, which takes more than a second.
    """
    made, told = args(), {keyword: "cpu"} if keyword else {}
    with torch.device("meta"):
        try:
            return part_of(answer(*made, **told), part).device.type
        except Exception:  # what it means shows on "meta" itself
            return ""


# what torch says of tensors on two devices in one operation
MIXED = re.compile("not on the expected device|to be on the same device")


def _accelerators() -> list[str]:
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return [found.type] if found else []
