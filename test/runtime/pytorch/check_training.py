"""Trains exported modules by the worker's own `Training`; prints losses and comparisons as JSON.

python check_training.py PYTHON_FOLDER FOLDER: NAME.py, NAME.safetensors and NAME.json for each case.
"""

import copy
import importlib.util
import json
import math
import pathlib
import sys

import torch
from safetensors.torch import load_file

sys.path.insert(0, sys.argv[1])
from torch_training.training import Training
from torch_training.weights import weights_of

torch.set_num_threads(1)


def load(source):
    spec = importlib.util.spec_from_file_location(source.stem, source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def finite(value):
    """JSON has no other numbers."""
    return value if math.isfinite(value) else None


class Case:
    """A network with the weights of the file, and the batches of the file in turn."""

    def __init__(self, source):
        self.module = load(source)
        self.tensors = load_file(source.with_suffix(".safetensors"))
        self.plan = json.loads(source.with_suffix(".json").read_text())
        self.batches = self.plan["batches"]

    def start(self, **changes):
        network = self.module.Network()
        weights = weights_of(network, self.plan["weights"])
        with torch.no_grad():
            for weight in weights:
                weight.tensor.copy_(self.tensors[f"weight:{weight.name}"])
        return weights, Training(network, weights, {**self.plan["options"], **changes})

    def run(self, training, steps):
        parts = self.plan["options"].get("accumulate") or 1
        rows = []
        for step in steps:
            settings = self.plan["steps"][step]
            results = []
            for part in range(parts):
                k = (step * parts + part) % self.batches
                others = self.tensors.get(f"others:{k}")
                change = training.step if part == parts - 1 else training.accumulate
                images, labels = self.tensors[f"images:{k}"], self.tensors[f"labels:{k}"]
                values, fields = change(images, labels, settings, others)
                results.append(dict(zip(("loss", "correct", "gradientNorm"), map(finite, values.tolist())), **fields))
            rows.append({**results[-1], "loss": sum(result["loss"] for result in results) / parts})
        return rows


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a, b))


def check(source):
    case = Case(source)
    count = len(case.plan["steps"])
    _, training = case.start()
    rows = case.run(training, range(count))
    result = {"rows": rows, "slots": sorted(training.read_state()[1])}
    result["resumes"] = resumes(case)
    return result


def resumes(case):
    """Whether state and weights after three steps, read into a fresh network, continue bit for bit."""
    weights, training = case.start()
    case.run(training, range(3))
    kept = [weight.copied(weight.tensor) for weight in weights]
    steps, slots = training.read_state()
    slots = copy.deepcopy(slots)
    expected = case.run(training, range(3, 6))
    fresh, resumed = case.start()
    with torch.no_grad():
        for weight, value in zip(fresh, kept):
            weight.tensor.copy_(value)
    resumed.write_state(steps, slots)
    again = case.run(resumed, range(3, 6))
    ends = [training.read_state()[1], resumed.read_state()[1]]
    return (
        again == expected
        and same([weight.tensor for weight in weights], [weight.tensor for weight in fresh])
        and same(ends[0].values(), ends[1].values())
    )


def main():
    folder = pathlib.Path(sys.argv[2])
    results = {}
    for source in sorted(folder.glob("*.py")):
        try:
            results[source.stem] = check(source)
        except Exception as error:  # every case has a row
            results[source.stem] = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(results))


main()
