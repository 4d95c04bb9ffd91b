"""PyTorch's side of the table of operations: a line for each, whose other side is in Facula.Interop/Table*.cs, and how its arguments are drawn."""
import operator

import torch
import torch.nn.functional as F

from inputs import FLOATS, INTEGERS, TYPES, In, name_of

OPERATIONS = {}


class Operation:
    def __init__(self, name, family, run, draw):
        self.name, self.family, self.run, self.draw = name, family, run, draw


def family(name, draw, *names, **functions):
    """Operations whose arguments are drawn alike: by PyTorch's name where that is all, else with what PyTorch calls."""
    for each in names:
        functions[each] = getattr(torch, each, None) or getattr(F, each)
    for each, run in functions.items():
        assert each not in OPERATIONS, each
        OPERATIONS[each] = Operation(each, name, run, draw)


def dtype_of(name):
    return None if name is None else getattr(torch, name)


def bool_or(r, share=0.5):
    return r.chance(share)


# Element by element

def unary(*more):
    def draw(r):
        low, high = r.one((-4, 4), (-4, 4), (0, 4), (-1, 1))
        return [r.tensor(r.shape(), r.dtype(), low=low, high=high)] + [choose(r) for choose in more]
    return draw


def operands(r, shape=None):
    """Two tensors that broadcast, of any types, or a tensor and a plain number."""
    shape = r.shape() if shape is None else shape
    a = r.tensor(shape, r.dtype())
    way = r.random()
    if way < 0.65:
        b = r.tensor(r.other_shape(shape), r.dtype())
        return [a, b] if r.chance(0.5) else [b, a]
    return [a, r.number()] if way < 0.85 else [r.number(), a]


def tensors(r):
    shape = r.shape()
    pair = [r.tensor(shape, r.dtype()), r.tensor(r.other_shape(shape), r.dtype())]
    return pair if r.chance(0.5) else pair[::-1]


def in_place(r):
    shape = r.shape()
    return [r.tensor(shape, r.dtype()), r.tensor(r.other_shape(shape), r.dtype())]


def bound(r):
    return None if r.chance(0.25) else r.number()


family("unary", unary(), "abs", "neg", "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "tanh", "sigmoid", "erf", "erfc", "sqrt", "rsqrt", "reciprocal",
       "square", "sign", "floor", "ceil", "trunc", "round", "isnan", "isinf", "logical_not", "clone", "relu", "relu6", "selu", "silu", "mish", "hardsigmoid",
       "hardswish", "logsigmoid", "softsign", contiguous=lambda x: x.contiguous(), relu_=lambda x: F.relu_(x.clone()))
family("unary", unary(lambda r: r.one(0.01, 0.0, 0.3, 1.5, -0.5)), leaky_relu=F.leaky_relu)
family("unary", unary(lambda r: r.one(1.0, 0.3, 2.5)), elu=F.elu)
family("unary", unary(lambda r: r.one(-1.0, -2.5, 0.0), lambda r: r.one(1.0, 3.0, 0.5)), hardtanh=F.hardtanh)
family("unary", unary(lambda r: r.one(1.0, 0.5, 3.0), lambda r: r.one(20.0, 2.0)), softplus=F.softplus)
family("unary", unary(lambda r: r.one("none", "tanh")), gelu=lambda x, approximate: F.gelu(x, approximate=approximate))
family("unary", unary(lambda r: name_of(r.choice(TYPES))), to=lambda x, dtype: x.to(dtype_of(dtype)))
family("unary", lambda r: [r.tensor(r.shape(), r.dtype()), bound(r), bound(r)], "clamp", clamp_=lambda x, low, high: x.clone().clamp_(low, high))
family("binary", operands, "add", "sub", "mul", "div", "remainder", "floor_divide", "pow")
family("comparison", operands, eq=operator.eq, ne=operator.ne, gt=operator.gt, ge=operator.ge, lt=operator.lt, le=operator.le)
family("binary", tensors, "maximum", "minimum")
family("comparison", tensors, "logical_and", "logical_or", "logical_xor")
family("comparison", lambda r: tensors(r) + [r.one(1e-5, 0.5), r.one(1e-8, 1.0), bool_or(r)],
       isclose=lambda a, b, rtol, atol, nan: torch.isclose(a, b, rtol=rtol, atol=atol, equal_nan=nan))
family("binary", in_place, add_=lambda a, b: a.clone().add_(b), sub_=lambda a, b: a.clone().sub_(b), mul_=lambda a, b: a.clone().mul_(b),
       div_=lambda a, b: a.clone().div_(b), copy_=lambda a, b: a.clone().copy_(b))
family("binary", lambda r: tensors(r) + [r.number()], add_alpha=lambda a, b, alpha: torch.add(a, b, alpha=alpha), sub_alpha=lambda a, b, alpha: torch.sub(a, b, alpha=alpha))
family("unary", lambda r: [r.tensor(r.shape(), r.dtype()), r.number()], fill_=lambda x, value: x.clone().fill_(value))


def draw_lerp(r):
    shape, dtype = r.shape(), r.floating()
    return [r.tensor(shape, dtype), r.tensor(r.other_shape(shape), dtype), r.one(0.3, 0.8, 1.0, 0.0) if r.chance(0.5) else r.tensor(r.other_shape(shape), dtype)]


def draw_where(r):
    shape = r.shape()
    return [r.tensor(r.other_shape(shape), torch.bool), r.tensor(shape, r.dtype()), r.tensor(r.other_shape(shape), r.dtype())]


def draw_masked_fill(r):
    shape = r.shape()
    return [r.tensor(shape, r.dtype()), r.tensor(r.other_shape(shape), torch.bool), r.number() if r.chance(0.7) else r.tensor([], r.dtype())]


def draw_masked_fill_in_place(r):
    shape = r.shape()
    return [r.tensor(shape, r.dtype()), r.tensor(r.other_shape(shape), torch.bool), r.number()]


def draw_clamp(r):
    shape, dtype = r.shape(), r.dtype()
    return [r.tensor(shape, dtype)] + [None if r.chance(0.2) else r.tensor(r.other_shape(shape), dtype if r.chance(0.7) else r.dtype()) for _ in range(2)]


family("binary", draw_lerp, "lerp")
family("binary", draw_where, "where")
family("binary", draw_masked_fill, masked_fill=lambda x, mask, value: x.masked_fill(mask, value))
family("binary", draw_masked_fill_in_place, masked_fill_=lambda x, mask, value: x.clone().masked_fill_(mask, value))
family("binary", draw_clamp, clamp_tensor=torch.clamp)


# Reductions

def result_type(r):
    return name_of(r.choice(TYPES)) if r.chance(0.2) else None


def over_dims(*more, typed=False, floating=False, whole=0.0):
    def draw(r):
        x = r.tensor(r.shape(), r.floating() if floating and r.chance(0.9) else r.dtype())
        rank = len(x.view(x.base).shape)
        dims = None if r.chance(whole) else r.dims(rank)
        return [x, *[choose(r) for choose in more], dims, bool_or(r)] + ([result_type(r)] if typed else [])
    return draw


def over_dim(*more, typed=False, floating=False, whole=0.0, low=-4, high=4):
    def draw(r):
        x = r.tensor(r.shape(), r.floating() if floating and r.chance(0.9) else r.dtype(), low=low, high=high)
        rank = len(x.view(x.base).shape)
        return [x, None if r.chance(whole) else r.dim(rank), *[choose(r) for choose in more]] + ([result_type(r)] if typed else [])
    return draw


def whole_or_dims(function):
    def run(x, dims, keep, dtype):
        return function(x, dtype=dtype_of(dtype)) if dims is None else function(x, dims, keep, dtype=dtype_of(dtype))
    return run


def whole_or_dim(function):
    return lambda x, dim, keep: function(x) if dim is None else function(x, dim, keep)


family("reduction", over_dims(typed=True, whole=0.3), sum=whole_or_dims(torch.sum), mean=whole_or_dims(torch.mean))
family("reduction", over_dim(bool_or, typed=True, whole=0.3, low=-2, high=2), prod=whole_or_dims(torch.prod))
family("reduction", over_dims(), "amax", "amin", )
family("reduction", over_dims(floating=True), "logsumexp")
family("reduction", unary(), max=lambda x: torch.max(x), min=lambda x: torch.min(x))
family("reduction", over_dim(bool_or), max_dim=lambda x, dim, keep: torch.max(x, dim, keep), min_dim=lambda x, dim, keep: torch.min(x, dim, keep))
family("reduction", over_dim(bool_or, whole=0.2), argmax=whole_or_dim(torch.argmax), argmin=whole_or_dim(torch.argmin), any=whole_or_dim(torch.any), all=whole_or_dim(torch.all))


def draw_spread(r):
    args = over_dims(floating=True)(r)
    return args + [r.one(0, 1, 1, 2)]


family("reduction", draw_spread, var=lambda x, dims, keep, correction: torch.var(x, dims, correction=correction, keepdim=keep),
       std=lambda x, dims, keep, correction: torch.std(x, dims, correction=correction, keepdim=keep))
family("reduction", over_dims(lambda r: r.one(2.0, 2.0, 1.0, 0.0, 3.0, 0.5, 1.5, float("inf"), float("-inf")), floating=True),
       norm=lambda x, p, dims, keep: torch.linalg.vector_norm(x, p, dims or None, keep))
family("reduction", over_dims(), count_nonzero=lambda x, dims, keep: torch.count_nonzero(x, dims))
family("reduction", over_dim(typed=True), cumsum=lambda x, dim, dtype: torch.cumsum(x, dim, dtype=dtype_of(dtype)))
family("softmax", over_dim(floating=True), softmax=F.softmax, log_softmax=F.log_softmax, softmin=F.softmin)


# Views

def on_tensor(draw_more, low=0, high=4):
    def draw(r):
        x = r.tensor(r.shape(low, high), r.dtype())
        shape = list(x.view(x.base).shape)
        return [x, *draw_more(r, shape)]
    return draw


def new_shape(r, shape):
    count = 1
    for size in shape:
        count *= size
    sizes, left = [], count
    for _ in range(r.randint(0, 4)):
        divisors = [d for d in range(1, left + 1) if left % d == 0] or [0, 1, 2]
        sizes.append(r.choice(divisors))
        left = left // sizes[-1] if sizes[-1] else left
    if left != 1:
        sizes.append(left)
    r.shuffle(sizes)
    if sizes and r.chance(0.3):
        sizes[r.randrange(len(sizes))] = -1
    if sizes and r.chance(0.05):
        sizes[r.randrange(len(sizes))] += 1
    return [sizes]


def pieces(r, shape):
    dim = r.dim(len(shape))
    size = shape[dim] if -len(shape) <= dim < len(shape) else 3
    return dim, size


def unflatten_sizes(r, shape):
    dim, size = pieces(r, shape)
    return [dim, new_shape(r, [size])[0] or [size]]


def narrow_range(r, shape):
    dim, size = pieces(r, shape)
    start = r.randint(-size - (r.chance(0.05)), size + r.chance(0.05))
    return [dim, start, r.randint(0, max(0, size - (start if start >= 0 else start + size)) + r.chance(0.05))]


def grown(r, shape):
    sizes = [r.randint(0, 4) if size == 1 and r.chance(0.7) else -1 if r.chance(0.2) else size for size in shape]
    if r.chance(0.05) and sizes:
        sizes[r.randrange(len(sizes))] += 2
    return [[r.randint(0, 3) for _ in range(r.randint(0, 2))] + sizes]


def split_sizes(r, shape):
    dim, size = pieces(r, shape)
    if r.chance(0.5):
        return [r.randint(0, size + 1), dim]
    sizes, left = [], size
    while left > 0:
        sizes.append(r.randint(0, left))
        left -= sizes[-1]
    return [sizes or [size], dim]


def two(draw_one):
    return lambda r, shape: [draw_one(r, shape), draw_one(r, shape)]


def a_dim(r, shape):
    return r.dim(len(shape))


def some_times(r, shape):
    return [[r.randint(0, 3) for _ in range(max(0, len(shape) + r.randint(-1, 1)))]]


def rolled(r, shape):
    if r.chance(0.3) or not shape:
        return [[r.randint(-9, 9)], None]
    dims = r.dims(len(shape)) or [0]
    return [[r.randint(-9, 9) for _ in dims], dims]


family("view", on_tensor(new_shape), "reshape", view=lambda x, shape: x.view(shape))
family("view", on_tensor(two(a_dim)), "flatten", "transpose")
family("view", on_tensor(unflatten_sizes), unflatten=lambda x, dim, sizes: x.unflatten(dim, sizes))
family("view", on_tensor(lambda r, shape: [None if r.chance(0.3) else r.dim(len(shape))]), squeeze=lambda x, dim: x.squeeze() if dim is None else x.squeeze(dim))
family("view", on_tensor(lambda r, shape: [r.dim(len(shape) + 1)]), "unsqueeze")
family("view", on_tensor(lambda r, shape: [r.sample(range(len(shape)), len(shape))]), permute=lambda x, dims: x.permute(dims))
family("view", on_tensor(lambda r, shape: (lambda n: [r.sample(range(len(shape)), n), r.sample(range(len(shape)), n)])(r.randint(0, len(shape)))), "movedim")
family("view", on_tensor(narrow_range), "narrow")
family("view", on_tensor(lambda r, shape: (lambda at: [at[0], r.randint(-at[1], at[1])])(pieces(r, shape))), "select")
family("view", on_tensor(grown), expand=lambda x, sizes: x.expand(sizes), broadcast_to=lambda x, sizes: torch.broadcast_to(x, sizes))
family("view", on_tensor(some_times), tile=torch.tile, repeat=lambda x, times: x.repeat(times))
family("view", on_tensor(lambda r, shape: [r.randint(0, 3), None if r.chance(0.3) else r.dim(len(shape))]),
       repeat_interleave=lambda x, times, dim: torch.repeat_interleave(x, times, dim))
family("view", on_tensor(lambda r, shape: [r.dims(len(shape))]), "flip")
family("view", on_tensor(rolled), roll=lambda x, shifts, dims: torch.roll(x, shifts, dims or ()))
family("view", on_tensor(lambda r, shape: [r.randint(-3, 3), r.dim(len(shape)), r.dim(len(shape))]), "diagonal")
family("view", on_tensor(lambda r, shape: [r.randint(-4, 4)], low=1), "tril", "triu")
family("view", on_tensor(split_sizes), split=torch.split)
family("view", on_tensor(lambda r, shape: [r.randint(1, 5), r.dim(len(shape))]), "chunk")
family("view", on_tensor(lambda r, shape: [r.dim(len(shape))]), "unbind")


def draw_cat(r):
    shape = r.shape(1)
    dim = r.dim(len(shape))
    parts = []
    for _ in range(r.randint(1, 4)):
        part = list(shape)
        if -len(shape) <= dim < len(shape):
            part[dim] = r.size()
        if r.chance(0.05):
            part[r.randrange(len(part))] += 1
        parts.append(r.tensor([0] if r.chance(0.05) else part, r.dtype()))
    return [parts, dim]


def draw_stack(r):
    shape, dtype = r.shape(), r.dtype()
    return [[r.tensor(shape, dtype if r.chance(0.8) else r.dtype()) for _ in range(r.randint(1, 4))], r.dim(len(shape) + 1)]


family("view", draw_cat, "cat")
family("view", draw_stack, "stack")


# Indexing

def index_type(r):
    return r.choices([torch.int64, torch.int32], [9, 1])[0]


def place(r, size):
    if r.chance(0.03):
        return r.one(size, -size - 1)
    return r.randint(-size, max(-size, size - 1))


def an_index(r, shape):
    index, at = [], 0
    tensor_shape = r.full_shape(0, 2)
    # Neighbouring and separate index tensors, masks, slices, new dimensions.
    while at < len(shape) and not r.chance(0.15):
        size, way = shape[at], r.random()
        if way < 0.25:
            index.append(place(r, size) if size else 0)
        elif way < 0.5:
            start, stop = (None if r.chance(0.3) else r.randint(-size - 1, size + 1) for _ in range(2))
            index.append({"slice": [start, stop, r.one(None, 1, 2, 3)]})
        elif way < 0.8:
            index.append(r.integers(r.other_shape(tensor_shape), -size, size - 1, index_type(r)) if size else r.integers([0], 0, 0))
        elif way < 0.9:
            dims = r.randint(1, min(2, len(shape) - at))
            index.append(r.tensor(shape[at:at + dims], torch.bool))
            at += dims - 1
        else:
            index.append(None)
            at -= 1
        at += 1
        if "..." not in [item for item in index if isinstance(item, str)] and r.chance(0.1):
            index.append("...")
            break
    return [index or ["..."]]


def python_index(items):
    return tuple(slice(*item["slice"]) if isinstance(item, dict) else ... if isinstance(item, str) else item for item in items)


def draw_set(r):
    x, index = on_tensor(an_index)(r)
    try:
        with_mask = x.view(x.base)[python_index([item.view(item.base) if isinstance(item, In) else item for item in index])]
        shape = list(with_mask.shape)
    except (IndexError, RuntimeError):
        shape = []
    return [x, index, r.number() if r.chance(0.3) else r.tensor(r.other_shape(shape), x.base.dtype if r.chance(0.8) else r.dtype())]


def set_item(x, index, value):
    y = x.clone()
    y[python_index(index)] = value
    return y


def draw_gather(r):
    x = r.tensor(r.shape(), r.dtype())
    shape = list(x.view(x.base).shape)
    dim, size = pieces(r, shape)
    index = [r.randint(0, size) if r.chance(0.6) else size for size in shape]
    if -len(shape) <= dim < len(shape):
        index[dim] = r.size()
    return [x, dim, index_tensor(r, index, size)]


def index_tensor(r, shape, size):
    return r.integers(shape, 0, size - 1 + r.chance(0.03)) if size or r.chance(0.05) else r.integers([0 for _ in shape], 0, 0)


def draw_scatter(number):
    def draw(r):
        x, dim, index = draw_gather(r)
        source = [size + r.randint(0, 1) for size in index.view(index.base).shape]
        if number and r.chance(0.3):
            return [x, dim, index, r.number()]
        return [x, dim, index, r.tensor(source, x.base.dtype if r.chance(0.95) else r.dtype())]
    return draw


def draw_index_select(r):
    x = r.tensor(r.shape(), r.dtype())
    dim, size = pieces(r, list(x.view(x.base).shape))
    return [x, dim, r.integers([r.size()] if size else [0], 0, size - 1 + r.chance(0.03), index_type(r))]


def draw_index_add(r):
    x, dim, index = draw_index_select(r)
    shape = list(x.view(x.base).shape)
    if -len(shape) <= dim < len(shape):
        shape[dim] = index.view(index.base).shape[0]
    return [x, dim, index, r.tensor(shape, x.base.dtype if r.chance(0.9) else r.dtype()), r.one(1, 2, 0.5, -1)]


def draw_mask(r):
    shape = r.shape()
    return [r.tensor(shape, r.dtype()), r.tensor(r.other_shape(shape), torch.bool)]


def distinct(r, shape, dtype):
    """Without two equal elements: of those PyTorch gives any first."""
    count = 1
    for size in shape:
        count *= size
    values = r.sample(range(-count, count), count) if dtype in FLOATS else r.sample(range(100 if dtype == torch.uint8 else 0, 100 + max(1, min(count, 120))), min(count, 120))
    return In(torch.tensor(values[:count], dtype=torch.float64).to(dtype).reshape(shape), [], True) if len(values) == count else r.tensor(shape, torch.float32)


def draw_topk(r):
    shape = r.shape(0, 3)
    dim, size = pieces(r, shape)
    x = distinct(r, shape, r.one(torch.float32, torch.float64, torch.int64, torch.int32))
    return [x, r.randint(0, (size if shape else 1) + r.chance(0.05)), dim, bool_or(r)]


family("indexing", on_tensor(an_index), getitem=lambda x, index: x[python_index(index)])
family("indexing", draw_set, setitem=set_item)
family("indexing", draw_gather, "gather")
family("indexing", draw_scatter(True), "scatter")
family("indexing", draw_scatter(False), "scatter_add")
family("indexing", draw_index_select, "index_select")
family("indexing", draw_index_add, index_add=lambda x, dim, index, source, alpha: torch.index_add(x, dim, index, source, alpha=alpha))
family("indexing", draw_mask, "masked_select")
family("indexing", unary(), "nonzero", where_indices=lambda x: torch.where(x))
family("indexing", lambda r: (lambda n: [r.integers(r.shape(0, 3), -1 if r.chance(0.1) else 0, 4), n])(r.one(-1, 5, 6, 3)), one_hot=F.one_hot)
family("indexing", over_dim(bool_or), sort=lambda x, dim, descending: torch.sort(x, dim=dim, descending=descending, stable=True),
       argsort=lambda x, dim, descending: torch.argsort(x, dim=dim, descending=descending, stable=True))
family("indexing", draw_topk, topk=lambda x, k, dim, largest: torch.topk(x, k, dim, largest))
family("indexing", lambda r: (lambda rows: [r.integers(r.shape(0, 3), 0, rows - 1, index_type(r)), r.tensor([rows, r.size()]), None if r.chance(0.5) else r.randint(-rows, rows - 1)])(r.randint(1, 6)),
       embedding=lambda index, weight, padding: F.embedding(index, weight, padding))


# Products

def draw_matmul(r):
    dtype, inner = (r.floating() if r.chance(0.9) else r.choice(INTEGERS)), r.size()
    lead = r.shape(0, 2)
    a = r.other_shape(lead) + [r.size(), inner] if r.chance(0.8) else [inner]
    other = inner + r.chance(0.03)
    b = r.other_shape(lead) + [other, r.size()] if r.chance(0.8) else [other]
    return [r.tensor(a, dtype), r.tensor(b, dtype)]


def draw_bmm(r):
    dtype, n, inner = r.floating(), r.size(), r.size()
    return [r.tensor([n, r.size(), inner], dtype), r.tensor([n + r.chance(0.03), inner, r.size()], dtype)]


def draw_addmm(r):
    dtype, m, n, k = r.floating(), r.size(), r.size(), r.size()
    return [r.tensor(r.other_shape([m, n]), dtype), r.tensor([m, k], dtype), r.tensor([k, n], dtype), r.one(1.0, 0.0, 0.5), r.one(1.0, 0.5, 0.0, -2.0)]


def draw_linear(r):
    dtype, inner, outer = r.floating(), r.size(), r.size()
    x = r.tensor(r.shape(0, 3) + [inner + r.chance(0.03)], dtype)
    if r.chance(0.1):
        return [x, r.tensor([inner], dtype), None if r.chance(0.5) else r.tensor([], dtype)]
    return [x, r.tensor([outer, inner], dtype), None if r.chance(0.4) else r.tensor([outer + r.chance(0.03)], dtype)]


family("product", draw_matmul, "matmul")
family("product", draw_bmm, "bmm")
family("product", lambda r: (lambda n, dtype: [r.tensor([n], dtype), r.tensor([n + r.chance(0.05)], dtype)])(r.size(), r.floating()), "dot")
family("product", lambda r: [r.tensor([r.size()], r.dtype()), r.tensor([r.size()], r.dtype())], "outer")
family("product", draw_addmm, addmm=lambda c, a, b, beta, alpha: torch.addmm(c, a, b, beta=beta, alpha=alpha))
family("product", draw_linear, linear=F.linear)


# Convolutions

def draw_conv(rank):
    def draw(r):
        dtype = r.choices(FLOATS, [10, 6, 1, 1])[0]
        groups = r.choices([1, 2, 3], [6, 3, 1])[0]
        channels, outputs = groups * r.randint(1, 3), groups * r.randint(1, 3)
        kernel = [r.randint(1, 4 if rank < 3 else 3) for _ in range(rank)]
        space = [max(1, r.size() + r.randint(0, 5)) for _ in range(rank)]
        batch = [] if r.chance(0.1) else [r.one(0, 1, 2, 3)]
        padding = r.one("same", "valid") if r.chance(0.15) else r.extent(rank, lambda: r.randint(0, 3))
        return [r.tensor([*batch, channels + (r.chance(0.02)), *space], dtype), r.tensor([outputs, channels // groups, *kernel], dtype),
                None if r.chance(0.4) else r.tensor([outputs], dtype), 1 if padding == "same" else r.extent(rank, lambda: r.randint(1, 3)), padding,
                r.extent(rank, lambda: r.randint(1, 3)), groups]
    return draw


def draw_conv_transpose(rank):
    def draw(r):
        dtype = r.choices(FLOATS, [10, 6, 1, 1])[0]
        groups = r.choices([1, 2, 3], [6, 3, 1])[0]
        channels, outputs = groups * r.randint(1, 3), groups * r.randint(1, 3)
        kernel = [r.randint(1, 4 if rank < 3 else 3) for _ in range(rank)]
        space = [max(1, r.size()) if rank < 3 else r.randint(1, 3) for _ in range(rank)]
        batch = [] if r.chance(0.1) else [r.one(0, 1, 2, 3)]
        return [r.tensor([*batch, channels + (r.chance(0.02)), *space], dtype), r.tensor([channels, outputs // groups, *kernel], dtype),
                None if r.chance(0.4) else r.tensor([outputs], dtype), r.extent(rank, lambda: r.randint(1, 3)), r.extent(rank, lambda: r.randint(0, 2)),
                r.extent(rank, lambda: r.randint(0, 2)), groups, r.extent(rank, lambda: r.randint(1, 3))]
    return draw


for rank in (1, 2, 3):
    family("convolution", draw_conv(rank), f"conv{rank}d")
    family("convolution", draw_conv_transpose(rank), f"conv_transpose{rank}d")


# Pooling

def planes(r, rank, dtype=None, most=8, **how):
    space = [r.randint(1, most if rank < 3 else 5) if not r.chance(0.02) else 0 for _ in range(rank)]
    return r.tensor(([] if r.chance(0.15) else [r.one(0, 1, 2)]) + [r.one(1, 2, 3, 5, 16)] + space, dtype or r.choices(FLOATS, [10, 6, 1, 1])[0], **how)


def draw_max_pool(rank):
    return lambda r: [planes(r, rank), r.extent(rank, lambda: r.randint(1, 4)), None if r.chance(0.3) else r.extent(rank, lambda: r.randint(1, 4)),
                      r.extent(rank, lambda: r.randint(0, 2)), r.extent(rank, lambda: r.one(1, 1, 2)), bool_or(r)]


def draw_avg_pool(rank):
    return lambda r: [planes(r, rank), r.extent(rank, lambda: r.randint(1, 4)), None if r.chance(0.3) else r.extent(rank, lambda: r.randint(1, 4)),
                      r.extent(rank, lambda: r.randint(0, 2)), bool_or(r), bool_or(r)] + ([] if rank == 1 else [r.one(None, None, 1, 3, -2)])


def draw_lp_pool(rank):
    def draw(r):
        power = r.one(2.0, 2.0, 1.0, 3.0, 4.0, 0.5, 1.5)
        return [planes(r, rank, low=-4 if power % 1 == 0 else 0), power, r.extent(rank, lambda: r.randint(1, 4)) if rank > 1 else r.randint(1, 4),
                None if r.chance(0.3) else r.extent(rank, lambda: r.randint(1, 4)) if rank > 1 else r.randint(1, 4), bool_or(r)]
    return draw


def draw_adaptive(rank):
    return lambda r: [planes(r, rank), r.extent(rank, lambda: r.randint(1, 9) if not r.chance(0.03) else 0)]


def run_max_pool(rank):
    return lambda x, kernel, stride, padding, dilation, ceil: getattr(F, f"max_pool{rank}d")(x, kernel, stride, padding, dilation, ceil, return_indices=True)


for rank in (1, 2, 3):
    family("pooling", draw_max_pool(rank), **{f"max_pool{rank}d": run_max_pool(rank)})
    family("pooling", draw_avg_pool(rank), f"avg_pool{rank}d")
    family("pooling", draw_adaptive(rank), **{f"adaptive_avg_pool{rank}d": getattr(F, f"adaptive_avg_pool{rank}d"),
                                             f"adaptive_max_pool{rank}d": getattr(F, f"adaptive_max_pool{rank}d_with_indices")})
family("pooling", draw_lp_pool(1), "lp_pool1d")
family("pooling", draw_lp_pool(2), "lp_pool2d")


def draw_unpool(r):
    # Places that a pooling has found, without two that are the same.
    kernel = r.randint(1, 3)
    x = planes(r, 2, torch.float32, plain=True)
    y, places = F.max_pool2d(x.base if x.base.numel() and min(x.base.shape[-2:]) >= kernel else torch.rand(1, 1, kernel, kernel), kernel, return_indices=True)
    return [r.tensor(y.shape), In(places, [], False), kernel, None, 0]


def draw_unfold(r):
    rank = 2
    return [planes(r, rank), r.extent(rank, lambda: r.randint(1, 3)), r.extent(rank, lambda: r.randint(1, 2)), r.extent(rank, lambda: r.randint(0, 2)), r.extent(rank, lambda: r.randint(1, 3))]


def draw_fold(r):
    size, kernel, dilation, padding, stride = ([r.randint(low, high) for _ in range(2)] for low, high in ((2, 7), (1, 3), (1, 2), (0, 1), (1, 3)))
    blocks = 1
    for d in range(2):
        blocks *= max(0, (size[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) // stride[d] + 1)
    return [r.tensor([r.one(1, 2), kernel[0] * kernel[1] * r.randint(1, 3), blocks + r.chance(0.03)]), size, kernel, dilation, padding, stride]


family("pooling", draw_unpool, max_unpool2d=F.max_unpool2d)
family("pooling", draw_unfold, unfold=F.unfold)
family("pooling", draw_fold, fold=F.fold)


# Normalisation

def affine(r, size, dtype):
    return [None, None] if r.chance(0.3) else [r.tensor([size], dtype), None if r.chance(0.1) else r.tensor([size], dtype)]


def channels_and_space(r, dtype):
    channels = r.one(1, 2, 3, 4, 6, 8)
    return r.tensor([r.one(0, 1, 2, 3), channels] + [r.randint(1, 5) for _ in range(r.randint(0, 3))], dtype), channels


def draw_batch_norm(r):
    dtype = r.one(torch.float32, torch.float64)
    x, channels = channels_and_space(r, dtype)
    training = bool_or(r)
    stats = [None, None] if training and r.chance(0.6) else [r.tensor([channels], dtype, grad=False, kind="plain"), r.tensor([channels], dtype, grad=False, kind="plain", low=0.1)]
    return [x, *stats, *affine(r, channels, dtype), training, r.one(0.1, 0.5), r.one(1e-5, 0.1)]


def draw_instance_norm(r):
    dtype = r.one(torch.float32, torch.float64)
    x, channels = channels_and_space(r, dtype)
    own = r.chance(0.8)
    stats = [None, None] if own else [r.tensor([channels], dtype, grad=False, kind="plain"), r.tensor([channels], dtype, grad=False, kind="plain", low=0.1)]
    return [x, *stats, *affine(r, channels, dtype), own, r.one(0.1, 0.5), r.one(1e-5, 0.1)]


def draw_layer_norm(r):
    dtype = r.one(torch.float32, torch.float64)
    rows, shape = r.shape(0, 2), r.shape(1, 2)
    more = [None, None] if r.chance(0.3) else [r.tensor(shape, dtype), None if r.chance(0.1) else r.tensor(shape, dtype)]
    return [r.tensor(rows + shape, dtype), shape, *more, r.one(1e-5, 0.1)]


def draw_group_norm(r):
    dtype = r.one(torch.float32, torch.float64)
    x, channels = channels_and_space(r, dtype)
    return [x, r.one(1, channels, *[g for g in (2, 3, 4) if channels % g == 0 or r.chance(0.05)]), *affine(r, channels, dtype), r.one(1e-5, 0.1)]


family("normalisation", draw_batch_norm, "batch_norm")
family("normalisation", draw_instance_norm, "instance_norm")
family("normalisation", draw_layer_norm, "layer_norm")
family("normalisation", draw_group_norm, group_norm=F.group_norm)
family("normalisation", lambda r: [r.tensor(r.full_shape(2, 4)), r.randint(1, 5), r.one(1e-4, 0.5), r.one(0.75, 2.0), r.one(1.0, 2.0)], local_response_norm=F.local_response_norm)
family("normalisation", lambda r: (lambda x: [x, r.one(2.0, 1.0, 3.0), r.dim(len(x.view(x.base).shape)), 1e-12])(r.tensor(r.shape(1))), normalize=F.normalize)
family("normalisation", lambda r: (lambda shape, dtype: [r.tensor(shape, dtype), r.tensor(r.other_shape(shape), dtype), r.randrange(len(shape)), 1e-8])(r.shape(1), r.one(torch.float32, torch.float64)),
       cosine_similarity=F.cosine_similarity)


# Losses

REDUCTIONS = ("none", "mean", "sum")


def draw_classes(smoothing):
    def draw(r):
        dtype, classes = r.one(torch.float32, torch.float64), r.randint(1, 6)
        batch, space = ([], []) if r.chance(0.15) else ([r.size()], r.shape(0, 2) if r.chance(0.4) else [])
        x = r.tensor(batch + [classes] + space, dtype)
        weight = None if r.chance(0.6) else r.tensor([classes], dtype, grad=False, kind="plain", low=0.1)
        ignored = r.one(-100, -100, 0, classes - 1)
        reduction = r.choice(REDUCTIONS)
        if smoothing and r.chance(0.25):
            return [x, r.tensor(batch + [classes] + space, dtype, low=0, high=1, kind="plain"), weight, -100, reduction, r.one(0.0, 0.1, 0.5)]
        labels = r.integers(batch + space, 0, classes - 1 + r.chance(0.03))
        return [x, labels, weight, ignored, reduction] + ([r.one(0.0, 0.0, 0.1, 0.5, 1.0)] if smoothing else [])
    return draw


def draw_pair(*more, low=-4, high=4, reductions=REDUCTIONS):
    def draw(r):
        shape, dtype = r.shape(), r.one(torch.float32, torch.float64)
        return [r.tensor(shape, dtype, low=low, high=high), r.tensor(shape, dtype, low=low, high=high), r.choice(reductions), *[choose(r) for choose in more]]
    return draw


def draw_binary(logits):
    def draw(r):
        shape, dtype = r.shape(1), r.one(torch.float32, torch.float64)
        low, high, kind = (-4, 4, r.kind()) if logits else (0, 1, r.one("plain", "ties"))
        args = [r.tensor(shape, dtype, low=low, high=high, kind=kind), r.tensor(shape, dtype, low=0, high=1, kind=r.one("plain", "ties")),
                None if r.chance(0.6) else r.tensor(shape, dtype, grad=False, kind="plain", low=0.1)]
        if logits:
            args.append(None if r.chance(0.6) else r.tensor(shape[-1:], dtype, grad=False, kind="plain", low=0.1))
        return args + [r.choice(REDUCTIONS)]
    return draw


family("loss", draw_classes(True), cross_entropy=lambda x, y, weight, ignored, reduction, smoothing:
       F.cross_entropy(x, y, weight, ignore_index=ignored, reduction=reduction, label_smoothing=smoothing))
family("loss", draw_classes(False), nll_loss=lambda x, y, weight, ignored, reduction: F.nll_loss(x, y, weight, ignore_index=ignored, reduction=reduction))
family("loss", draw_pair(), mse_loss=lambda x, y, reduction: F.mse_loss(x, y, reduction=reduction), l1_loss=lambda x, y, reduction: F.l1_loss(x, y, reduction=reduction))
family("loss", draw_pair(lambda r: r.one(1.0, 0.5, 0.0)), smooth_l1_loss=lambda x, y, reduction, beta: F.smooth_l1_loss(x, y, reduction=reduction, beta=beta))
family("loss", draw_pair(lambda r: r.one(1.0, 0.5)), huber_loss=lambda x, y, reduction, delta: F.huber_loss(x, y, reduction=reduction, delta=delta))
family("loss", draw_pair(bool_or, low=-3, high=1, reductions=(*REDUCTIONS, "batchmean")), kl_div=lambda x, y, reduction, log: F.kl_div(x, y, reduction=reduction, log_target=log))
family("loss", draw_binary(False), binary_cross_entropy=lambda x, y, weight, reduction: F.binary_cross_entropy(x, y, weight, reduction=reduction))
family("loss", draw_binary(True), binary_cross_entropy_with_logits=lambda x, y, weight, positive, reduction:
       F.binary_cross_entropy_with_logits(x, y, weight, pos_weight=positive, reduction=reduction))


# Padding and resampling

def draw_pad(r):
    mode = r.one("constant", "constant", "reflect", "replicate", "circular")
    if mode == "constant":
        x = r.tensor(r.shape(1), r.dtype())
        rank = len(x.view(x.base).shape)
        return [x, [r.randint(-2, 3) for _ in range(2 * r.randint(1, rank))], mode, r.one(0.0, 1.5, -2.0)]
    rank = r.randint(1, 3)
    return [planes(r, rank), [r.randint(-1, 3) if mode != "circular" else r.randint(0, 3) for _ in range(2 * rank)], mode, 0.0]


def draw_interpolate(r):
    rank = r.randint(1, 3)
    mode = r.one("nearest", "nearest-exact", "area", ("linear", "bilinear", "trilinear")[rank - 1], "bicubic" if rank == 2 else "nearest")
    x = r.tensor([r.one(0, 1, 2), r.one(1, 2, 3)] + [r.randint(1, 6) for _ in range(rank)], r.one(torch.float32, torch.float64))
    align = "linear" in mode or mode == "bicubic"
    if r.chance(0.5):
        return [x, [r.randint(1, 9) for _ in range(rank)], None, mode, align and bool_or(r), False]
    return [x, None, [r.one(0.5, 1.0, 1.5, 2.0, 2.3, 3.0) for _ in range(rank)], mode, align and bool_or(r), bool_or(r) and mode != "area"]


def draw_shuffle(down):
    def draw(r):
        f = r.randint(1, 3)
        if down:
            return [r.tensor(r.full_shape(1, 2) + [f * r.randint(1, 3), f * r.randint(1, 3) + r.chance(0.05)]), f]
        return [r.tensor(r.full_shape(0, 1) + [f * f * r.randint(1, 3) + r.chance(0.05), r.randint(1, 4), r.randint(1, 4)]), f]
    return draw


family("resampling", draw_pad, pad=lambda x, widths, mode, value: F.pad(x, widths, mode, value))
family("resampling", draw_interpolate, interpolate=lambda x, size, scale, mode, align, recompute: F.interpolate(
    x, size, scale, mode, align if "linear" in mode or mode == "bicubic" else None, recompute if scale else None))
family("resampling", draw_shuffle(False), pixel_shuffle=F.pixel_shuffle)
family("resampling", draw_shuffle(True), pixel_unshuffle=F.pixel_unshuffle)
family("resampling", lambda r: (lambda g: [r.tensor([r.one(1, 2), g * r.randint(1, 3)] + r.full_shape(1, 2)), g])(r.randint(1, 4)), channel_shuffle=F.channel_shuffle)


# Creation

def small_number(r):
    return r.randint(-5, 12) if r.chance(0.5) else r.choice([0.5, -1.5, 2.7, -3.2, 5.0, 7.3, -0.9])


def draw_arange(r):
    return [small_number(r), small_number(r), None if r.chance(0.3) else r.one(1, 2, 3, -1, -2, 0.5, 1.5, -0.7, 0), name_of(r.choice(FLOATS[:2] + INTEGERS)) if r.chance(0.6) else None]


family("creation", draw_arange, arange=lambda start, end, step, dtype: torch.arange(start, end, 1 if step is None else step, dtype=dtype_of(dtype)))
family("creation", lambda r: [small_number(r), small_number(r), r.one(-1, 0, 1, 2, 3, 5, 10), name_of(r.choice(FLOATS[:2] + INTEGERS))],
       linspace=lambda start, end, steps, dtype: torch.linspace(start, end, steps, dtype=dtype_of(dtype)))
family("creation", lambda r: [r.one(-2, 0, 0.5, 1), r.one(-1.0, 1, 2), r.one(0, 1, 2, 3, 5), r.one(10.0, 2.0), name_of(r.choice(FLOATS[:2]))],
       logspace=lambda start, end, steps, base, dtype: torch.logspace(start, end, steps, base, dtype=dtype_of(dtype)))
family("creation", lambda r: [r.randint(-1, 4), r.randint(0, 4), name_of(r.choice(TYPES))], eye=lambda n, m, dtype: torch.eye(n, m, dtype=dtype_of(dtype)))
family("creation", lambda r: [r.shape(), r.number(), name_of(r.choice(TYPES))], full=lambda shape, value, dtype: torch.full(shape, value, dtype=dtype_of(dtype)))


# Schedules and optimizers

def rates(make):
    def run(rate, steps, *args):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], rate)
        schedule = make(optimizer, *args)
        values = [optimizer.param_groups[0]["lr"]]
        for _ in range(steps):
            schedule.step()
            values.append(optimizer.param_groups[0]["lr"])
        return torch.tensor(values, dtype=torch.float64)
    return run


def plateau(rate, measures, mode, factor, patience, threshold, threshold_mode, cooldown, least):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], rate)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode, factor, patience, threshold, threshold_mode, cooldown, least)
    values = []
    for measure in measures:
        schedule.step(measure)
        values.append(optimizer.param_groups[0]["lr"])
    return torch.tensor(values, dtype=torch.float64)


schedulers = torch.optim.lr_scheduler
family("schedule", lambda r: [0.1, r.randint(0, 30), r.randint(1, 9), r.one(0.1, 0.5)], StepLR=rates(schedulers.StepLR))
family("schedule", lambda r: [0.1, r.randint(0, 30), [r.randint(0, 25) for _ in range(r.randint(0, 4))], r.one(0.1, 0.5)],
       MultiStepLR=rates(lambda optimizer, milestones, gamma: schedulers.MultiStepLR(optimizer, sorted(milestones), gamma)))
family("schedule", lambda r: [0.1, r.randint(0, 30), r.one(0.1, 0.9, 1.0)], ExponentialLR=rates(schedulers.ExponentialLR))
family("schedule", lambda r: [0.1, r.randint(0, 40), r.randint(1, 12), r.one(0.0, 0.01)], CosineAnnealingLR=rates(schedulers.CosineAnnealingLR))
family("schedule", lambda r: (lambda steps: [0.1, r.randint(0, steps), 0.5, steps, r.one(0.3, 0.0, 1.0, 0.5), r.one("cos", "linear"), 25.0, 1e4, bool_or(r)])(r.randint(1, 30)),
       OneCycleLR=rates(lambda optimizer, most, steps, share, anneal, div, last, three: schedulers.OneCycleLR(
           optimizer, most, total_steps=steps, pct_start=share, anneal_strategy=anneal, cycle_momentum=False, div_factor=div, final_div_factor=last, three_phase=three)))
family("schedule", lambda r: [0.1, [r.one(1.0, 0.9, 0.5, 0.49999, 2.0, r.uniform(0, 1)) for _ in range(r.randint(0, 30))], r.one("min", "max"), r.one(0.1, 0.5), r.randint(0, 4),
                              r.one(1e-4, 0.1), r.one("rel", "abs"), r.randint(0, 3), r.one(0.0, 0.02)], ReduceLROnPlateau=plateau)


def train(make):
    def run(parameter, gradients, *args):
        parameter = parameter.detach().clone().requires_grad_()
        optimizer = make([parameter], *args)
        for gradient in gradients:
            parameter.grad = gradient.clone()
            optimizer.step()
        return parameter.detach()
    return run


def draw_training(*settings):
    def draw(r):
        shape, dtype = r.shape(), r.one(torch.float32, torch.float64)
        return [r.tensor(shape, dtype, grad=False, plain=True), [r.tensor(shape, dtype, grad=False, plain=True) for _ in range(r.randint(0, 5))], *[choose(r) for choose in settings]]
    return draw


optim = torch.optim
family("optimizer", draw_training(lambda r: r.one(0.1, 0.5), lambda r: r.one(0.0, 0.9), lambda r: r.one(0.0, 0.1), lambda r: r.one(0.0, 0.01), lambda r: False, bool_or),
       SGD=train(lambda p, lr, momentum, dampening, decay, nesterov, maximize: optim.SGD(p, lr, momentum, dampening, decay, nesterov, maximize=maximize)))
adam = draw_training(lambda r: r.one(0.1, 1e-3), lambda r: 0.9, lambda r: r.one(0.999, 0.9), lambda r: r.one(1e-8, 1e-3), lambda r: r.one(0.0, 0.01), bool_or, bool_or)
family("optimizer", adam, Adam=train(lambda p, lr, b1, b2, eps, decay, amsgrad, maximize: optim.Adam(p, lr, (b1, b2), eps, decay, amsgrad, maximize=maximize)),
       AdamW=train(lambda p, lr, b1, b2, eps, decay, amsgrad, maximize: optim.AdamW(p, lr, (b1, b2), eps, decay, amsgrad, maximize=maximize)))
family("optimizer", draw_training(lambda r: r.one(0.1, 1e-3), lambda r: r.one(0.99, 0.5), lambda r: 1e-8, lambda r: r.one(0.0, 0.01), lambda r: r.one(0.0, 0.9), bool_or),
       RMSprop=train(lambda p, lr, alpha, eps, decay, momentum, centered: optim.RMSprop(p, lr, alpha, eps, decay, momentum, centered)))
family("optimizer", draw_training(lambda r: 0.1, lambda r: r.one(0.0, 0.1), lambda r: r.one(0.0, 0.01), lambda r: r.one(0.0, 0.5), lambda r: 1e-10),
       Adagrad=train(lambda p, lr, lr_decay, decay, initial, eps: optim.Adagrad(p, lr, lr_decay, decay, initial, eps)))
