"""Random arguments: tensors of every type, shape and memory order, and numbers, all from one seeded source."""
import base64
import random

import torch

FLOATS = [torch.float32, torch.float64, torch.float16, torch.bfloat16]
INTEGERS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
TYPES = FLOATS + INTEGERS + [torch.bool]
SPECIAL = [float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, 1e-30, -1e-30, 1e30, -1e30, 3.0, 20.0, -20.0, 100.0]


def name_of(dtype):
    return str(dtype).split(".")[1]


class In:
    """A tensor argument: a contiguous leaf, and the views that make of it what the operation is given."""

    def __init__(self, base, views, grad):
        self.base, self.views, self.grad = base, views, grad and base.is_floating_point()

    def leaf(self, convert):
        leaf = convert(self.base.detach().clone())
        return leaf.requires_grad_() if self.grad and leaf.is_floating_point() else leaf

    def view(self, tensor):
        for kind, *numbers in self.views:
            if kind == "permute":
                tensor = tensor.permute(numbers)
            elif kind == "narrow":
                tensor = tensor.narrow(*numbers)
            elif kind == "expand":
                tensor = tensor.expand(numbers)
            else:
                tensor = tensor[..., :: numbers[0]]
        return tensor

    def json(self):
        return {"type": name_of(self.base.dtype), "shape": list(self.base.shape), "bytes": base64.b64encode(bytes_of(self.base)).decode(),
                "views": [list(view) for view in self.views], "grad": self.grad}

    def __repr__(self):
        tensor = self.view(self.base)
        text = str(tensor.tolist()) if tensor.numel() <= 24 else "..."
        views = f", base {list(self.base.shape)} {self.views}" if self.views else ""
        return f"{name_of(tensor.dtype)}{list(tensor.shape)}{'*' if self.grad else ''}({text}{views})"


def bytes_of(tensor):
    tensor = tensor.detach().contiguous()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.view(torch.int16)
    return tensor.numpy().tobytes()


def from_bytes(dtype, shape, data):
    dtype = getattr(torch, dtype)
    if not data:
        return torch.empty(shape, dtype=dtype)
    if dtype == torch.bfloat16:
        return torch.frombuffer(bytearray(data), dtype=torch.int16).view(torch.bfloat16).reshape(shape)
    return torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)


class Source(random.Random):
    """Where all of a case comes from."""

    def one(self, *choices):
        return self.choice(choices)

    def chance(self, share):
        return self.random() < share

    def size(self):
        return self.choices([0, 1, 2, 3, 4, 5, 7, 17], [4, 15, 20, 20, 15, 10, 8, 3])[0]

    def shape(self, low=0, high=4):
        return [self.size() for _ in range(self.randint(low, high))]

    def full_shape(self, low=0, high=4):
        return [max(1, self.size()) for _ in range(self.randint(low, high))]

    def dim(self, rank):
        """A dimension, sometimes one that is not there."""
        rank = max(1, rank)
        return self.randint(-rank, rank - 1) if not self.chance(0.03) else self.one(rank, -rank - 1)

    def dims(self, rank):
        return sorted(self.sample(range(rank), self.randint(0, rank)), key=lambda _: self.random())

    def floating(self):
        return self.choices(FLOATS, [10, 6, 2, 2])[0]

    def dtype(self):
        return self.floating() if self.chance(0.6) else self.choice(INTEGERS + [torch.bool])

    def number(self):
        """A plain number: an integer, a floating-point one or a truth value."""
        return self.choices([self.randint(-4, 4), self.choice([-1.5, -1.0, 0.5, 2.0, 0.0, 2.5]), self.choice([300, -1000, 70000, -129]),
                             self.choice([1e30, -1e30, 1e-30, 70000.0, float("nan"), float("inf"), -float("inf")]), self.choice([True, False])],
                            [10, 10, 2, 3, 1])[0]

    def kind(self):
        return self.choices(["plain", "ties", "special", "large"], [60, 15, 15, 10])[0]

    def values(self, count, dtype, kind, low, high):
        if dtype == torch.bool:
            return [self.chance(0.5) for _ in range(count)]
        if not dtype.is_floating_point:
            limits = torch.iinfo(dtype)
            if kind == "special":
                return [self.choice([limits.min, limits.max, 0, 1, limits.max // 2]) for _ in range(count)]
            return [self.randint(max(limits.min, int(low)), min(limits.max, int(high))) for _ in range(count)]
        if kind == "ties":
            return [float(self.randint(max(-3, int(low)), min(3, int(high)))) for _ in range(count)]
        if kind == "special":
            return [self.choice(SPECIAL) if self.chance(0.4) else self.uniform(low, high) for _ in range(count)]
        factor = 300 if kind == "large" else 1
        return [self.uniform(low, high) * factor for _ in range(count)]

    def tensor(self, shape, dtype=None, grad=True, kind=None, low=-4, high=4, plain=False):
        """A tensor of the shape that lies in memory in order, or transposed, with gaps, in the middle of something, or expanded."""
        dtype, kind, shape = dtype or self.floating(), kind or self.kind(), list(shape)
        views, base = [], list(shape)
        if not plain and shape and self.chance(0.5):
            way = self.one("permute", "step", "narrow", "expand")
            if way == "permute" and len(shape) > 1:
                order = self.sample(range(len(shape)), len(shape))
                base = [0] * len(shape)
                for place, source in enumerate(order):
                    base[source] = shape[place]
                views.append(("permute", *order))
            elif way == "step":
                base[-1] = base[-1] * 2
                views.append(("step", 2))
            elif way == "narrow":
                dim = self.randrange(len(shape))
                base[dim] += 2
                views.append(("narrow", dim, 1, shape[dim]))
            elif way == "expand":
                dim = self.randrange(len(shape))
                base[dim] = 1
                views.append(("expand", *shape))
        count = 1
        for size in base:
            count *= size
        data = torch.tensor(self.values(count, dtype, kind, low, high), dtype=torch.float64 if dtype.is_floating_point else dtype).to(dtype)
        return In(data.reshape(base), views, grad and not self.chance(0.1))

    def integers(self, shape, low, high, dtype=torch.int64):
        """Whole numbers low .. high, both included, in a tensor; none where there are none."""
        return self.tensor(shape, dtype, grad=False, kind="plain", low=low, high=max(low, high))

    def other_shape(self, shape):
        """A shape that broadcasts with the given one, or in rare cases does not."""
        other = [1 if self.chance(0.2) else size for size in shape]
        if self.chance(0.25) and other:
            other = other[self.randint(0, len(other)):]
        if self.chance(0.05) and other:
            other[self.randrange(len(other))] += 1
        return other

    def extent(self, rank, make):
        """One number for all dimensions of space, or one for each."""
        return make() if self.chance(0.4) else [make() for _ in range(rank)]
