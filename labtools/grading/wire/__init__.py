"""Plain data between a process that is trusted and one that is not, never a pickle.

channel     frames on a socket: a text, and the bytes of tensors
trees       values <-> trees of JSON, checked as they are read
tensors     tensors <-> a dtype, a shape and bytes
memory      the memory of a call's arguments, which both processes hold
opaque      what stands for a value that is no plain data
errors      exceptions <-> their name, their builtin base and what they say
states      the random numbers of both processes are those of one
generators  the generators of torch, Python and NumPy
twister     how far one of them has gone
"""

from labtools.grading.wire.channel import Channel, Closed, Malformed, Message

__all__ = ["Channel", "Closed", "Malformed", "Message"]
