"""PyTorch's side of the table of operations, whose other side is in Facula.Interop/Table*.cs. Its lines are in operations_*.py."""
import torch
import torch.nn.functional as F

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
