"""Differences that are meant, each with its reason. A case that one of them explains is counted, not reported."""
import math
import re

import torch

from inputs import In
import operations_basic  # noqa: F401, fills the table
import operations_layers  # noqa: F401
from table import OPERATIONS

DIFFERENCES = []


def because(reason, operation=".*", difference=".*", error=".*", when=lambda args: True):
    """The operations, the kind of difference (its beginning), PyTorch's error, all as regular expressions, and a condition on the arguments."""
    DIFFERENCES.append((re.compile(operation), re.compile(difference), re.compile(error), when, reason))


def tensors(args):
    for arg in args:
        if isinstance(arg, In):
            yield arg
        elif isinstance(arg, list):
            yield from tensors(arg)


def numbers(args):
    return [arg for arg in args if isinstance(arg, (int, float))]


def whole(args):
    return any(not each.base.is_floating_point() for each in tensors(args))


def empty(args):
    return any(each.view(each.base).numel() == 0 for each in tensors(args))


def single(args):
    return any(each.view(each.base).dim() == 0 for each in tensors(args))


def narrow(args):
    return any(each.base.dtype in (torch.float16, torch.bfloat16) for each in tensors(args))


def not_finite(args):
    return any(not each.base.double().isfinite().all() for each in tensors(args)) or any(not math.isfinite(number) for number in numbers(args))


def extreme(args):
    """NaN, infinities, and numbers whose squares or products float32 cannot hold."""
    def beyond(x):
        size = x.double().abs()
        return bool((~size.isfinite() | (size > 1e10) | ((size < 1e-10) & (size > 0))).any())
    return any(beyond(each.base) for each in tensors(args)) or any(beyond(torch.tensor(float(number))) for number in numbers(args))


SUMS = "|".join(name for name, op in OPERATIONS.items() if op.family in ("reduction", "softmax", "product", "convolution", "pooling", "normalisation", "loss", "resampling"))


def zero(args):
    return any(bool((each.base == 0).any()) for each in tensors(args)) or 0 in numbers(args)


def levelled(args):
    """Whether what is normalised together may be equal, so that only rounding is left of it, divided by the root of epsilon."""
    x = args[0].view(args[0].base)
    return x.dim() > 0 and (any(kind == "expand" for kind, *_ in args[0].views) or x[0, 0].numel() == 1 if x.dim() > 1 else True)



def beyond(limit):
    return lambda args: any(bool((each.base.double().abs() > limit).any()) for each in tensors(args))


def has(*values):
    """Elements that are one of the values, or NaN."""
    return lambda args: any(bool(each.base.isnan().any()) or any(bool((each.base == value).any()) for value in values) for each in tensors(args))


def repeats(args):
    return any(not each.base.is_floating_point() and each.base.dtype != torch.bool and each.view(each.base).numel() > 1 for each in tensors(args[1:]))


def too_few(args):
    shape, count = args[0].view(args[0].base).shape, 1
    for dim in args[1] or range(len(shape)):
        count *= shape[dim]
    return count <= args[3]


def padded_to_nothing(args):
    if len(args) != 4 or not isinstance(args[1], list):
        return False
    shape = list(args[0].view(args[0].base).shape)
    for i, width in enumerate(args[1]):
        shape[-1 - i // 2] += width
    return 0 in shape


def transposed(args):
    return any(kind == "permute" for each in tensors(args) for kind, *_ in each.views)


def equal_bounds(args):
    return all(isinstance(arg, In) for arg in args) and bool((args[1].view(args[1].base).double() == args[2].view(args[2].base).double()).any())


def two_types(args):
    return len({each.base.dtype for each in tensors(args)}) > 1


# PyTorch has changed since 1.13
because("PyTorch since 2.0 differentiates the remainder of a number by a tensor", "remainder", "gradients: PyTorch has none", when=lambda args: not isinstance(args[0], In))
because("PyTorch 1.13 writes 1 / 6 as a float in double precision", "hardsigmoid", "gradients|recorded", when=lambda args: args[0].base.dtype == torch.float64)
because("PyTorch 1.13 fails in a reshape of an empty batch; newer ones give the empty result", "conv.*", "accepted", ".*view size is not compatible", empty)
because("PyTorch 1.13 lacks what newer ones have of the 16-bit floats", difference="accepted", error=".*not implemented for '(Half|BFloat16)'")
because("PyTorch since 2.1 gives the gradient of a variance of too few elements as what it is, NaN or infinite", "var|std", "gradients|recorded|second",
        when=too_few)
because("PyTorch since 2.0 multiplies and divides 16-bit floats by a number as it is, not rounded to 16 bits first", "mul|div|mul_|div_", "results|gradients|recorded|second", when=narrow)
because("PyTorch 1.13 puts the gradient of what is selected from a transposed tensor in the wrong places", "masked_select", "gradients|recorded", when=transposed)
because("PyTorch since 2.1 takes all of a dimension away", "pad", "accepted", ".*resulted in a negative output size")
because("PyTorch since 2.0 takes indices of 32 bits", "getitem|setitem", "accepted", ".*tensors used as indices must be long")
because("PyTorch since 2.0 refuses to cut a triangle out of what is no matrix", "tril|triu", "refused", when=empty)
because("PyTorch since 2.0 takes a weight of one dimension with every input", "linear", "accepted", ".*mat2 must be a matrix")

# PyTorch is at odds with itself
because("PyTorch fails in itself", difference="accepted", error=".*INTERNAL ASSERT FAILED")
because("PyTorch's gradients at NaN, and of hardswish at its ends, differ between its vector and scalar code", "hardtanh|relu6|elu|selu|leaky_relu|amin|amax|max|min|clamp.*",
        "gradients|recorded|second", when=not_finite)
because("PyTorch's gradients at NaN, and of hardswish at its ends, differ between its vector and scalar code", "hardswish", "gradients|recorded|second", when=has(-3, 3))
because("at infinities PyTorch's gradient is NaN where the limit exists", "gelu|softsign|mish|silu|expm1", "gradients|recorded", when=extreme)
because("PyTorch's second derivative overflows where the limit exists", "mish|silu", "second", when=beyond(80))
because("PyTorch checks an empty batch by other rules", "conv.*|adaptive.*|instance_norm|log_softmax|softmax|softmin", "accepted|refused|gradients: PyTorch has none", when=empty)
because("PyTorch's average pool of volumes asks for inputs as large as the kernel, though with padding or rounded up there are windows; those of images do not", "avg_pool3d", "accepted",
        ".*smaller than kernel size")
because("PyTorch counts the dimensions of a mask among other indices in a different way", "getitem|setitem", "accepted", ".*shape of the mask")
because("of bool exponents PyTorch has no gradient", "pow", "gradients: PyTorch has none", when=whole)
because("PyTorch takes the logarithm of integers in float32 when the power is float64", "pow", "gradients|recorded|second", when=whole)
because("PyTorch refuses a cycle whose phases have no step", "OneCycleLR", "accepted", "ZeroDivisionError")

because("PyTorch 1.13's gradient of a batch norm reads a weight with strides as if it had none", "batch_norm|instance_norm", "gradients|recorded|second",
        when=lambda args: any(each.views for each in list(tensors(args))[1:]))
because("PyTorch rounds the first of every few integers of a range, and goes on from there", "linspace|logspace", "results", when=lambda args: args[3].lstrip("u").startswith("int"))

# Facula means it
because("Facula computes every function of integers and bools that is one of real numbers in float32, as PyTorch does most of them",
        difference="accepted", error=".*not implemented for '(Byte|Char|Short|Int|Long|Bool)'", when=whole)
because("a floor has the gradient 0 here and none there", "floor_divide", "gradients: PyTorch has none")
because("softsign is made of integer operations there, which overflow", "softsign", "results", when=whole)
because("there an unsigned type has no negative limit", "hardtanh", "accepted", ".*unsigned type with negative limits")
because("as bounds, numbers beyond the type are refused here, and there where they do not wrap; PyTorch 1.13 is asked in float32 for halves", "clamp|clamp_", "refused|accepted",
        when=lambda args: whole(args) or narrow(args))
because("a number beyond the type is refused here also where it would go to no element", "scatter|fill|masked_fill|pad", "refused: .* does not fit",
        when=lambda args: empty(args) or padded_to_nothing(args))
because("a value in a tensor is not read to see whether it fits", "masked_fill", "accepted", ".*value cannot be converted to type", when=lambda args: isinstance(args[2], In))
because("circular padding goes by the dimensions that are padded, however many there are", "pad", "accepted", ".*Invalid padding size", when=lambda args: args[2] == "circular")
because("the elements of a range must be within its type here, and may wrap there", "arange|linspace|logspace", "refused", when=lambda args: "uint8" in args or "int8" in args)
because("a bound that is NaN gives NaN for integers as well", "clamp|clamp_", "results", when=not_finite)
because("sums of any type can be taken in bool", "sum|prod|cumsum", "accepted", ".*not implemented for 'Bool'")
because("at the threshold itself the second derivative is that of one side", "softplus", "second", when=lambda args: bool((args[0].base * args[1] == args[2]).any()))
because("the place of the largest of no elements", "max_pool1d|max_pool2d|max_pool3d", "results: 1", when=lambda args: args[5])
because("what does not fit a type becomes anything, in PyTorch and here", "to|copy_|sum|prod|cumsum", "results", when=extreme)
because("isclose compares in the promoted type, and broadcasts, here", "isclose", "accepted", ".*(did not match|doesn't match the broadcast)")
because("where both bounds are equal neither gets a gradient there", "clamp_tensor", "gradients|recorded|second", when=equal_bounds)
because("where both are equal, the absolute error has no slope here", "smooth_l1_loss", "gradients|recorded|second", when=lambda args: args[3] == 0)
because("a probability of 0 has the gradient 0 here", "kl_div", "gradients|recorded|second", when=lambda args: has(0)(args[1:2]))
because("here nothing is averaged to nothing", "interpolate", "refused", when=lambda args: args[3] == "area")
because("where float32 overflows, Facula adds up again in float64", "sum|mean|norm|var|std", "results", when=extreme)
because("dimensions of a single number are -1 and 0 everywhere here", difference="accepted", error="IndexError: Dimension specified as", when=single)
because("values of another type are converted here", "setitem|index_add|scatter|scatter_add", "accepted", ".*(dtypes match|same scalar type|same dtype)", two_types)
because("an alpha that is no integer is refused for integers, as it is by add", "index_add", "refused", when=whole)
because("of a single number nothing, or two slices, cannot be taken", "index_select", "refused", when=single)
because("where an index names an element twice, the value that stays gets the gradient, not both", "setitem|scatter", "gradients|recorded|second", when=repeats)
because("a schedule keeps its last rate when it is asked beyond its end", "OneCycleLR", "results", when=lambda args: args[1] >= args[3])
because("a variance that rounding has made negative counts as 0", "RMSprop", "results", when=lambda args: args[7])
because("logarithms are cut off at -100 in the target's gradient as in the loss, and quotients not by 1e-12", "binary_cross_entropy", "gradients|recorded|second",
        when=lambda args: args[0].base.dtype == torch.float64 or has(0, 1)(args[:1]))

# Nothing is right
because("at infinities and NaN, and where something overflows, a second derivative is what the order of a formula makes it", difference="second", when=extreme)
because("at 0 the second derivative of a power, a remainder or a norm is what the order of its formula makes it", "pow|remainder|norm|normalize|cosine_similarity", "second", when=zero)
because("16-bit floats overflow on the way, where PyTorch's answer is one of float32", "local_response_norm|normalize|lp_pool.*", 
        when=lambda args: narrow(args) and beyond(200)(args))
because("16-bit floats overflow on the way", difference="gradients|recorded|second", when=lambda args: narrow(args) and extreme(args))
because("very large terms cancel, or overflow, in the order in which they are added", SUMS + "|lerp", "results|gradients|recorded", when=extreme)
because("what is left of equal numbers is rounding", "layer_norm|group_norm|batch_norm|instance_norm|rms_norm", "results|gradients|recorded|second", when=levelled)
because("the mean of nothing has no derivative", difference="second", when=empty)
because("the mean over labels that are all ignored has no derivative", "cross_entropy|nll_loss", "second", when=lambda args: args[4] == "mean")


def expected(name, args, difference, error):
    for operation, kind, message, when, reason in DIFFERENCES:
        if operation.fullmatch(name) and kind.match(difference) and message.match(error or "") and when(args):
            return reason
    return None
