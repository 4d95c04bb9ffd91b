"""Functions of tensors: element by element, reductions, views, indexing; and how their arguments are drawn."""
import operator

import torch
import torch.nn.functional as F

from inputs import FLOATS, INTEGERS, TYPES, In, name_of
from table import bool_or, dtype_of, family

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


def all_dims(x):
    return list(range(x.dim())) or [0]


def whole_or_dims(function):
    def run(x, dims, keep, dtype):
        return function(x, dtype=dtype_of(dtype)) if dims is None else function(x, dims, keep, dtype=dtype_of(dtype))
    return run


def whole_or_dim(function):
    return lambda x, dim, keep: function(x) if dim is None else function(x, dim, keep)


family("reduction", over_dims(typed=True, whole=0.3), sum=whole_or_dims(torch.sum), mean=whole_or_dims(torch.mean))
family("reduction", over_dim(bool_or, typed=True, whole=0.3, low=-2, high=2), prod=whole_or_dims(torch.prod))
family("reduction", over_dims(), "amax", "amin", )
family("reduction", over_dims(floating=True), logsumexp=lambda x, dims, keep: torch.logsumexp(x, dims or all_dims(x), keep))
family("reduction", unary(), max=lambda x: torch.max(x), min=lambda x: torch.min(x))
family("reduction", over_dim(bool_or), max_dim=lambda x, dim, keep: torch.max(x, dim, keep), min_dim=lambda x, dim, keep: torch.min(x, dim, keep))
family("reduction", over_dim(bool_or, whole=0.2), argmax=whole_or_dim(torch.argmax), argmin=whole_or_dim(torch.argmin), any=whole_or_dim(torch.any), all=whole_or_dim(torch.all))


def draw_spread(r):
    args = over_dims(floating=True)(r)
    return args + [r.one(0, 1, 1, 2)]


# No dimensions at all mean all, which 1.13 only half knows.
family("reduction", draw_spread, var=lambda x, dims, keep, correction: torch.var(x, dims or all_dims(x), correction=correction, keepdim=keep),
       std=lambda x, dims, keep, correction: torch.std(x, dims or all_dims(x), correction=correction, keepdim=keep))
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
