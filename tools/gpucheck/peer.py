"""The cases of gpucheck in PyTorch: one JSON object a line, the version first. gpucheck runs it where `import torch` works and there is a GPU.

    python3 peer.py [--device 0] [--cases REGEX]

Timed as gpucheck does: random data in several copies, calls back to back with one wait after 2 ms of them or more, the median of 25 such samples.
"""
import argparse
import json
import re
import sys
import time

import torch
from torch import nn
import torch.nn.functional as F

COPIES, SAMPLES, LEAST_SECONDS = 4, 25, 2e-3
CASES = {}


def case(name):
    def add(setup):
        CASES[name] = setup
        return setup
    return add


def rotate(*lists):
    turn = [0]

    def next_ones():
        turn[0] = (turn[0] + 1) % COPIES
        return [items[turn[0]] for items in lists]
    return next_ones


def randoms(*shape, dtype=torch.float32, layout=torch.contiguous_format):
    return [torch.randn(*shape, device="cuda").to(dtype).contiguous(memory_format=layout) for _ in range(COPIES)]


def elements():
    n = 64 << 20
    for name, function in {"copy": torch.clone, "add": lambda x: x + x, "gelu": F.gelu, "sum": torch.sum}.items():
        @case(f"{name} 64M")
        def setup(function=function):
            x = torch.randn(n, device="cuda")
            return lambda: function(x)

    @case("softmax 8192x4096")
    def softmax():
        x = torch.randn(8192, 4096, device="cuda")
        return lambda: torch.softmax(x, -1)

    @case("layer norm 8192x4096")
    def layer_norm():
        x, w, b = torch.randn(8192, 4096, device="cuda"), torch.randn(4096, device="cuda"), torch.randn(4096, device="cuda")
        return lambda: F.layer_norm(x, (4096,), w, b)


def products():
    for kind, dtype in (("fp32", torch.float32), ("tf32", torch.float32), ("bf16", torch.bfloat16)):
        for n in (512, 1024, 2048, 4096, 8192):
            @case(f"product {kind} {n}")
            def setup(n=n, dtype=dtype):
                pair = rotate(randoms(n, n, dtype=dtype), randoms(n, n, dtype=dtype))
                return lambda: torch.matmul(*pair())


def convolutions():
    # NHWC is the faster layout for the tensor cores.
    for kind, dtype, layout in (("fp32", torch.float32, torch.contiguous_format), ("tf32", torch.float32, torch.channels_last),
                                ("bf16", torch.bfloat16, torch.channels_last)):
        for inputs, outputs, side in ((32, 64, 32), (128, 128, 16), (256, 256, 8)):
            for batch in (128, 1024):
                which = f"conv {kind} {inputs}-{outputs} at {side}x{side}, batch {batch}"

                @case(f"{which}, forward")
                def forward(i=inputs, o=outputs, s=side, b=batch, dtype=dtype, layout=layout):
                    layer = nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU()).to("cuda", dtype, memory_format=layout)
                    x = rotate(randoms(b, i, s, s, dtype=dtype, layout=layout))
                    return lambda: layer(*x())

                for of in ("input", "weight"):
                    @case(f"{which}, gradient of the {of}")
                    def gradient(i=inputs, o=outputs, s=side, b=batch, dtype=dtype, layout=layout, of=of):
                        x = randoms(b, i, s, s, dtype=dtype, layout=layout)[0]
                        w = randoms(o, i, 3, 3, dtype=dtype, layout=layout)[0]
                        g = randoms(b, o, s, s, dtype=dtype, layout=layout)[0]
                        wanted = x if of == "input" else w
                        wanted.requires_grad_()
                        with torch.enable_grad():
                            y = F.conv2d(x, w, padding=1)
                        return lambda: torch.autograd.grad(y, wanted, g, retain_graph=True)


def optimizers():
    @case("adam 1.2M")
    def adam():
        shapes = [(1024, 784), (1024,), (400, 1024), (400,), (10, 400), (10,)]
        parameters = [nn.Parameter(torch.randn(*shape, device="cuda")) for shape in shapes]
        for parameter in parameters:
            parameter.grad = torch.randn_like(parameter)
        return torch.optim.Adam(parameters, 1e-3, fused=True).step


def mlp(hidden):
    return nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def cnn():
    layers, inputs = [], 3
    for first, second in ((32, 64), (128, 128), (256, 256)):
        layers += [nn.Conv2d(inputs, first, 3, padding=1), nn.ReLU(), nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        inputs = second
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4096, 1024), nn.ReLU(), nn.Linear(1024, 512), nn.ReLU(), nn.Linear(512, 10))


def steps():
    def add(name, batch, make, optimizer, shape, dtype=None, layout=torch.contiguous_format):
        def make_step(captured):
            model = make().to("cuda", memory_format=layout)
            update = optimizer(model.parameters(), captured)
            images = randoms(batch, *shape, layout=layout)
            labels = [torch.randint(0, 10, (batch,), device="cuda") for _ in range(COPIES)]

            def step(x, y):
                with torch.autocast("cuda", dtype or torch.bfloat16, enabled=dtype is not None):
                    loss = F.cross_entropy(model(x), y)
                loss.backward()
                update.step()
                update.zero_grad(set_to_none=True)
            return step, images, labels

        @case(f"{name}, batch {batch}, eager")
        def eager():
            step, images, labels = make_step(False)
            pair = rotate(images, labels)

            def run():
                with torch.enable_grad():
                    step(*pair())
            return run

        @case(f"{name}, batch {batch}, captured")
        def captured():
            step, images, labels = make_step(True)
            x, y = images[0].clone(memory_format=torch.preserve_format), labels[0].clone()
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side), torch.enable_grad():
                for _ in range(3):
                    step(x, y)
            torch.cuda.current_stream().wait_stream(side)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph), torch.enable_grad():
                step(x, y)
            pair = rotate(images, labels)

            def run():
                image, label = pair()
                x.copy_(image)
                y.copy_(label)
                graph.replay()
            return run

    def sgd(parameters, captured):
        return torch.optim.SGD(parameters, 0.1)

    def adam(parameters, captured):
        return torch.optim.Adam(parameters, fused=True, capturable=captured)

    for batch in (128, 1024):
        add("mlp32 sgd", batch, lambda: mlp(32), sgd, (784,))
        add("mlp256 adam", batch, lambda: mlp(256), adam, (784,))
        add("cnn adam fp32", batch, cnn, adam, (3, 32, 32))
        add("cnn adam tf32", batch, cnn, adam, (3, 32, 32), layout=torch.channels_last)
        add("cnn adam bf16", batch, cnn, adam, (3, 32, 32), torch.bfloat16, torch.channels_last)


def seconds(action, calls):
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(calls):
        action()
    torch.cuda.synchronize()
    return (time.perf_counter() - start) / calls


def measure(name, setup):
    tf32 = "tf32" in name
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = True
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    with torch.no_grad():
        action = setup()
        for _ in range(3):
            action()
        calls = min(500, max(1, int(LEAST_SECONDS / seconds(action, 3)) + 1))
        samples = sorted(seconds(action, calls) for _ in range(SAMPLES))
    return {"name": name, "ms": 1000 * samples[SAMPLES // 2], "peak": torch.cuda.max_memory_allocated()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", type=int, default=0)
    parser.add_argument("--cases", default="")
    parser.add_argument("--list", action="store_true", help="print the names alone, for which no GPU is needed")
    arguments = parser.parse_args()
    for family in (elements, products, convolutions, optimizers, steps):
        family()
    wanted = {name: setup for name, setup in CASES.items() if re.search(arguments.cases, f"speed/{name}")}
    if arguments.list:
        print("\n".join(wanted))
        return
    if not torch.cuda.is_available():
        sys.exit(f"PyTorch {torch.__version__} sees no GPU")
    torch.cuda.set_device(arguments.device)
    print(json.dumps({"torch": f"{torch.__version__} with CUDA {torch.version.cuda} on {torch.cuda.get_device_name()}"}), flush=True)
    for name, setup in wanted.items():
        try:
            print(json.dumps(measure(name, setup)), flush=True)
        except Exception as error:  # one case must not stop the others
            print(json.dumps({"name": name, "error": f"{type(error).__name__}: {error}"}), flush=True)


if __name__ == "__main__":
    main()
