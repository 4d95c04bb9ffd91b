"""Differences that are meant, each with its reason. A case that one of them explains is counted, not reported."""
import re

import torch

from inputs import In

# operation, stage or kind of the difference, PyTorch's error, a condition on the arguments; then why.
DIFFERENCES = []


def because(reason, operation=".*", difference=".*", error=".*", when=lambda args: True):
    DIFFERENCES.append((re.compile(operation), re.compile(difference), re.compile(error), when, reason))


def tensors(args):
    for arg in args:
        if isinstance(arg, In):
            yield arg
        elif isinstance(arg, list):
            yield from tensors(arg)


def whole(args):
    return any(not each.base.is_floating_point() for each in tensors(args))


def empty(args):
    return any(each.view(each.base).numel() == 0 for each in tensors(args))


because("Facula computes every function of integers and bools that is one of real numbers in float32, as PyTorch does most of them",
        difference="accepted", error=".*not implemented for '(Byte|Char|Short|Int|Long|Bool)'", when=whole)
because("a floor has the gradient 0 here and none there", "floor_divide", "gradients: PyTorch has none")
because("PyTorch since 2.0 differentiates the remainder of a number by a tensor", "remainder", "gradients: PyTorch has none", when=lambda args: not isinstance(args[0], In))
because("PyTorch 1.13 writes 1 / 6 as a float in double precision", "hardsigmoid", "gradients|recorded", when=lambda args: args[0].base.dtype == torch.float64)
because("PyTorch 1.13 fails in a reshape of an empty batch; newer ones give the empty result", "conv.*", "accepted", ".*view size is not compatible", empty)


def expected(name, args, difference, error):
    for operation, kind, message, when, reason in DIFFERENCES:
        if operation.fullmatch(name) and kind.match(difference) and message.match(error or "") and when(args):
            return reason
    return None
