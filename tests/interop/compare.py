"""
Compares Facula with PyTorch: random calls, family by family, computed by both; results, gradients, second gradients and what is refused must agree.

    tests/interop/run [--cases N] [--seed S] [--only REGEX] [--case OPERATION:NUMBER] [--skip OPERATION:NUMBER ..]

Each operation of the table gets N cases, numbered; a case is the same for the same seed, operation and number. Differences are printed with their
arguments. What PyTorch does differently since version 1.13, and what Facula does differently on purpose, is in differences.py, with reasons.
"""
import argparse
import base64
import collections
import json
import math
import mmap
import os
import pathlib
import queue
import re
import subprocess
import sys
import threading

import torch

from differences import expected
from inputs import In, Source, from_bytes, name_of
import operations_basic  # noqa: F401, fills the table
import operations_layers  # noqa: F401
from table import OPERATIONS

HERE = pathlib.Path(__file__).parent
PROGRAM = HERE / "Facula.Interop" / "bin" / "Release" / "net10.0" / "Facula.Interop.dll"
# Rounding of one operation, relative to the result.
STEP = {torch.float32: 1.2e-7, torch.float64: 2.3e-16, torch.float16: 1e-3, torch.bfloat16: 8e-3}
REFUSALS = (RuntimeError, IndexError, ValueError, TypeError, NotImplementedError, ZeroDivisionError)
HONEST_ERRORS = ("ArgumentException", "ArgumentOutOfRangeException", "ArgumentNullException", "InvalidOperationException", "NotSupportedException",
                 "DivideByZeroException")
# What PyTorch 1.13 says where it has no code for the 16-bit floats.
LACKS = ("not implemented for", "expected scalar type", "only supports")


class Facula:
    """The program that answers with Facula, one line for a line. It is started again where a case has ended it."""

    def __init__(self):
        self.process = subprocess.Popen(["dotnet", str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 16)
        self.answers = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put(None)

    def ask(self, case):
        try:
            self.process.stdin.write(json.dumps(case) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def answer(self):
        line = self.answers.get(timeout=300)
        return None if line is None else json.loads(line)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def as_json(value):
    if isinstance(value, In):
        return value.json()
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, float):
        return {"float": {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(repr(value), repr(value))}
    return value


def cotangent(result, number):
    """What the gradients are taken with; Facula.Interop makes the same."""
    places = torch.arange(result.numel(), dtype=torch.int64)
    return (((places * 37 + number * 17 + 11) % 19 - 9).double() / 8).reshape(result.shape).to(result.dtype)


class Answer:
    def __init__(self):
        self.results = self.gradients = self.second = self.error = None


def with_torch(operation, args, convert=lambda x: x):
    answer, leaves = Answer(), []

    def given(value):
        if isinstance(value, In):
            leaf = value.leaf(convert)
            if leaf.requires_grad:
                leaves.append(leaf)
            return value.view(leaf)
        if isinstance(value, list):
            return [given(item) for item in value]
        return value

    try:
        results = operation.run(*[given(arg) for arg in args])
        answer.results = list(results) if isinstance(results, (tuple, list)) else [results]
        roots = [result for result in answer.results if result.requires_grad]
        if not roots:
            return answer
        cotangents = [cotangent(root, i).requires_grad_() for i, root in enumerate(roots)]
        answer.gradients = list(torch.autograd.grad(roots, leaves, cotangents, create_graph=True, allow_unused=True))
        again = [(i, gradient) for i, gradient in enumerate(answer.gradients) if gradient is not None and gradient.requires_grad]
        if again:
            answer.second = list(torch.autograd.grad([g for _, g in again], leaves + cotangents, [cotangent(g, i + 5) for i, g in again], allow_unused=True))
    except REFUSALS as error:
        answer.error = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return answer


def wide(x):
    return x.double() if x.is_floating_point() else x


def is_narrow(value):
    if isinstance(value, list):
        return any(is_narrow(item) for item in value)
    return isinstance(value, In) and value.base.dtype in (torch.float16, torch.bfloat16)


def narrow_by_hand(operation, args):
    """PyTorch 1.13 lacks many operations of the 16-bit floats on the processor: then the answer in float32, rounded."""
    answer = with_torch(operation, args, lambda x: x.float() if x.dtype in (torch.float16, torch.bfloat16) else x)
    answer.by_hand = True
    return answer


class Judge:
    def __init__(self, operation, args):
        self.operation, self.args, self.truth = operation, args, None

    def differ(self, ours, theirs):
        """None, or what the first difference is."""
        if ours is None:
            return "crash: the process has ended"
        error = ours.get("error")
        if error and not error.startswith(HONEST_ERRORS):
            return f"crash: {error}" if ours["stage"] == "results" or "results" in ours else f"crash: {error}"
        if theirs.error and theirs.results is None:
            if error and ours["stage"] == "results":
                return None
            return f"accepted: PyTorch refuses: {theirs.error}"
        if error and ours["stage"] == "results":
            return f"refused: {error}"
        difference = self.lists("results", ours["results"], theirs.results)
        if not difference and "plain" in ours:
            difference = "plain: without recording the results have other bits"
        if theirs.error and theirs.gradients is None:
            return difference  # PyTorch fails in its own gradient
        if difference or theirs.gradients is None:
            if not difference and "gradients" in ours:
                return "gradients: PyTorch has none"
            return difference
        if "gradients" not in ours:
            return f"gradients: {error or 'none'}"
        difference = self.lists("gradients", ours["gradients"], theirs.gradients)
        if difference:
            return difference
        if "recorded" not in ours:
            return f"recorded: {error}"
        difference = self.lists("recorded", ours["recorded"], theirs.gradients, "gradients")
        if difference:
            return difference
        if theirs.second is None:
            return None if theirs.error or "second" not in ours or not any(ours["second"]) or all_zero(ours["second"]) else "second: PyTorch has none"
        if "second" not in ours:
            return f"second: {error}" if error else (None if all(g is None or not g.any() for g in theirs.second) else "second: none")
        return self.lists("second", ours["second"], theirs.second)

    def lists(self, stage, ours, theirs, wide_stage=None):
        if len(ours) != len(theirs):
            return f"{stage}: {len(ours)} tensors, PyTorch has {len(theirs)}"
        for i, (mine, other) in enumerate(zip(ours, theirs)):
            difference = self.tensors(stage, wide_stage or stage, i, mine, other)
            if difference:
                return f"{stage}: {i}: {difference}"
        return None

    def tensors(self, stage, wide_stage, i, mine, other):
        if mine is None or other is None:
            present = mine and from_bytes(mine["type"], mine["shape"], base64.b64decode(mine["bytes"])) if mine else other
            return None if present is None or not present.any() else "one has a gradient, the other has not"
        other = other.detach()
        tensor = from_bytes(mine["type"], mine["shape"], base64.b64decode(mine["bytes"]))
        if list(tensor.shape) != list(other.shape):
            return f"shape {list(tensor.shape)}, PyTorch has {list(other.shape)}"
        if tensor.dtype != other.dtype and not (self.by_hand and tensor.dtype in (torch.float16, torch.bfloat16) and other.dtype == torch.float32):
            return f"type {name_of(tensor.dtype)}, PyTorch has {name_of(other.dtype)}"
        if self.by_hand:
            other = other.to(tensor.dtype)
        if not tensor.is_floating_point():
            return None if torch.equal(tensor, other) else show(tensor, other)
        step = STEP[tensor.dtype]
        if tensor.dtype == torch.float64 and self.operation.family not in ("unary", "binary", "comparison"):
            step = 1e-12  # there is no wider truth to measure sums by
        if near(tensor, other, step * 8):
            return None
        truth = self.truthful(wide_stage, i)
        if truth is None or truth.shape != tensor.shape:
            return show(tensor, other)
        # As near to the truth as PyTorch is, or nearly: large terms may have cancelled.
        error = (other.double() - truth).abs()
        error = error[error.isfinite()].max().item() if error.isfinite().any() else 0
        finite = truth[truth.isfinite()].abs()
        scale = finite.max().item() if finite.numel() else 0
        slack = 16 * error + 8 * step * scale
        if stage != "results":
            # Cotangents are about 1, and factors such as 1 - y * y lose what is below a step of that.
            slack += (128 if step > 1e-4 else 32) * step * max(1, min(scale, 1e3))
        elif step > 1e-13:
            slack += step
        return None if near(tensor, truth.to(tensor.dtype), step * 32, slack) or near(tensor, other, step * 32, slack) else show(tensor, other, truth)

    def truthful(self, stage, i):
        if self.truth is None:
            self.truth = with_torch(self.operation, self.args, wide)
        list_of = getattr(self.truth, stage)
        return None if not list_of or i >= len(list_of) or list_of[i] is None else list_of[i].detach().double()


def all_zero(tensors):
    return all(item is None or not from_bytes(item["type"], item["shape"], base64.b64decode(item["bytes"])).any() for item in tensors)


def near(a, b, relative, slack=0.0):
    a, b = a.double(), b.double()
    same = (a == b) | (a.isnan() & b.isnan())
    tiny = 1e-38 if relative > 1e-10 else 1e-300
    return bool((same | ((a - b).abs() <= relative * b.abs() + slack + tiny)).all())


def show(a, b, truth=None):
    a, b = a.double().flatten(), b.double().flatten()
    at = int(torch.nan_to_num((a - b).abs() / (b.abs() + 1e-30), nan=math.inf, posinf=math.inf).masked_fill((a == b) | (a.isnan() & b.isnan()), 0).argmax())
    more = f", in float64 {truth.flatten()[at].item():.9g}" if truth is not None else ""
    return f"element {at}: {a[at].item():.9g}, PyTorch has {b[at].item():.9g}{more}"


def draw(seed, name, number):
    source = Source(f"{seed}/{name}/{number}")
    return OPERATIONS[name].draw(source)


def guarded():
    """
    PyTorch 1.13 ends the process on some arguments: the work is done in a child, which leaves here with a place to write where it is, and the parent says
    where it ended.
    """
    place = mmap.mmap(-1, 256)
    child = os.fork()
    if child == 0:
        return place
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        case = place[:].rstrip(b"\0").decode()
        sys.exit(f"PyTorch itself has ended the process in {case}; go on with --skip {case}")
    sys.exit(os.waitstatus_to_exitcode(status))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100, help="cases for each operation")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", default="", help="operations or families by regular expression")
    parser.add_argument("--case", help="a single one, OPERATION:NUMBER")
    parser.add_argument("--show", type=int, default=3, help="how many differences of a kind are printed")
    parser.add_argument("--skip", nargs="*", default=[], help="cases to leave out")
    options = parser.parse_args()
    place = guarded()
    torch.set_num_threads(1)
    torch.backends.mkldnn.enabled = False  # its convolutions of bfloat16 are wrong in 1.13

    known = subprocess.run(["dotnet", str(PROGRAM), "--names"], capture_output=True, text=True, check=True).stdout.split()
    if set(known) != set(OPERATIONS):
        sys.exit(f"the two sides of the table differ: {sorted(set(known) ^ set(OPERATIONS))}")
    if options.case:
        name, number = options.case.split(":")
        cases = [(name, int(number))]
    else:
        names = [op.name for op in OPERATIONS.values() if re.fullmatch(options.only or ".*", op.name) or re.fullmatch(options.only, op.family)]
        cases = [(name, number) for name in names for number in range(options.cases) if f"{name}:{number}" not in options.skip]

    facula, waiting, found, counts = Facula(), collections.deque(), collections.OrderedDict(), collections.Counter()

    def judge_next():
        nonlocal facula
        name, number, args = waiting.popleft()
        operation, ours = OPERATIONS[name], facula.answer()
        place[:] = f"{name}:{number}".encode().ljust(256, b"\0")
        theirs = with_torch(operation, args)
        by_hand = False
        if theirs.error and is_narrow(args) and any(words in theirs.error for words in LACKS):
            theirs, by_hand = narrow_by_hand(operation, args), True
        judge = Judge(operation, args)
        judge.by_hand = by_hand
        difference = judge.differ(ours, theirs)
        counts["cases"] += 1
        counts["refused by both"] += difference is None and theirs.results is None
        if difference is None:
            pass
        elif reason := expected(name, args, difference, theirs.error):
            counts["expected differences"] += 1
            if options.case:
                print(f"expected: {reason}")
        else:
            counts["differences"] += 1
            found.setdefault((name, re.sub(r"[-+]?\b[\d.]+(e[-+]?\d+)?\b|\[.*?\]|nan|inf", "#", difference)), []).append((number, args, difference))
        if options.case:
            print(f"{name}({', '.join(map(repr, args))})\n  Facula: {describe(ours)}\n  PyTorch: {describe(theirs)}\n  {difference or 'equal'}")
        if ours is None:
            facula = Facula()
            for again, _, its in waiting:
                facula.ask({"operation": again, "arguments": as_json(its)})

    for name, number in cases:
        args = draw(options.seed, name, number)
        facula.ask({"operation": name, "arguments": as_json(args)})
        waiting.append((name, number, args))
        if len(waiting) > 64:
            judge_next()
    while waiting:
        judge_next()
    facula.stop()

    for (name, _), examples in found.items():
        print(f"\n{name}: {len(examples)} case(s)")
        for number, args, difference in examples[:options.show]:
            text = ", ".join(map(repr, args))
            print(f"  --seed {options.seed} --case {name}:{number}\n    {name}({text[:500]})\n    {difference[:400]}")
    print("\n" + ", ".join(f"{count} {what}" for what, count in counts.items()))
    sys.exit(1 if found else 0)


def describe(answer):
    if answer is None:
        return "the process has ended"
    if isinstance(answer, Answer):
        stages = {stage: [None if t is None else t.detach().tolist() for t in getattr(answer, stage) or []] for stage in ("results", "gradients", "second")}
        return " | ".join(f"{stage}: {values}" for stage, values in stages.items()) + f" | {answer.error}"
    decode = lambda t: None if t is None else from_bytes(t["type"], t["shape"], base64.b64decode(t["bytes"])).tolist()
    return " | ".join(f"{key}: {value if isinstance(value, str) else [decode(t) for t in value]}" for key, value in answer.items())


if __name__ == "__main__":
    main()
