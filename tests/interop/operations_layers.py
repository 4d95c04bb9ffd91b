"""Functions of layers: products, convolutions, pooling, normalisation, losses, resampling; creation, schedules and optimizers; and how their arguments are drawn."""
import torch
import torch.nn.functional as F

from inputs import FLOATS, INTEGERS, TYPES, In, name_of
from table import bool_or, dtype_of, family

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
        if rank == 2 and r.chance(0.05):
            # Large enough for other algorithms.
            channels, outputs, kernel, space = 16 * groups, 16 * groups, r.one([3, 3], [5, 5], [1, 1]), [r.randint(12, 24) for _ in range(2)]
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
    stats = [None, None] if training and r.chance(0.6) else [r.tensor([channels], dtype, grad=False, kind="plain", plain=True), r.tensor([channels], dtype, grad=False, kind="plain", low=0.1, plain=True)]
    return [x, *stats, *affine(r, channels, dtype), training, r.one(0.1, 0.5), r.one(1e-5, 0.1)]


def draw_instance_norm(r):
    dtype = r.one(torch.float32, torch.float64)
    x, channels = channels_and_space(r, dtype)
    own = r.chance(0.8)
    stats = [None, None] if own else [r.tensor([channels], dtype, grad=False, kind="plain", plain=True), r.tensor([channels], dtype, grad=False, kind="plain", low=0.1, plain=True)]
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


family("normalisation", draw_batch_norm, batch_norm=F.batch_norm)
family("normalisation", draw_instance_norm, instance_norm=F.instance_norm)
family("normalisation", draw_layer_norm, layer_norm=F.layer_norm)
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


def draw_divergence(r):
    shape, dtype, log = r.shape(), r.one(torch.float32, torch.float64), bool_or(r)
    return [r.tensor(shape, dtype, low=-3, high=1), r.tensor(shape, dtype, low=-3 if log else 0, high=1), r.one(*REDUCTIONS, "batchmean"), log]


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
family("loss", draw_divergence, kl_div=lambda x, y, reduction, log: F.kl_div(x, y, reduction=reduction, log_target=log))
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


def channel_shuffle(x, groups):
    # PyTorch's own, of 1.13, is not differentiable on the processor.
    return x.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)


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
family("resampling", lambda r: (lambda g: [r.tensor([r.one(1, 2), g * r.randint(1, 3)] + r.full_shape(1, 2)), g])(r.randint(1, 4)), channel_shuffle=channel_shuffle)


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
