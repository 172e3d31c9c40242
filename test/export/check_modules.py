"""Runs exported modules on the weights and inputs of the lab's own forward pass; prints the differences as JSON.

python check_modules.py FOLDER: NAME.py and NAME.safetensors for each case; shapes/NAME.py and shapes/NAME.json for
each network of which names and shapes alone are compared.
"""
import copy
import importlib.util
import json
import pathlib
import sys

import torch
from safetensors.torch import load_file

torch.set_num_threads(1)  # small tensors, and often a machine with other work


def nchw(x):
    return x.permute(0, 3, 1, 2).contiguous() if x.ndim == 4 else x


def difference(actual, expected):
    """Largest difference relative to the largest magnitude, at least 1e-3."""
    if actual.shape != expected.shape:
        return f"shape {tuple(actual.shape)}, expected {tuple(expected.shape)}"
    if not torch.isfinite(actual).all():
        return "not finite"
    return ((actual - expected).abs().max() / expected.abs().max().clamp(min=1e-3)).item()


def part_of(tensors, prefix):
    return {name[len(prefix):]: value for name, value in tensors.items() if name.startswith(prefix)}


def load(source):
    spec = importlib.util.spec_from_file_location(source.stem, source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check(source, data):
    module = load(source)
    tensors = load_file(data)
    network = module.Network()
    weights = part_of(tensors, "weight:")
    names = {k: tuple(v.shape) for k, v in network.state_dict().items() if not k.endswith("num_batches_tracked")}
    expected = {k: tuple(v.shape) for k, v in weights.items()}
    if names != expected:
        wrong = sorted(set(names.items()) ^ set(expected.items()))
        return {"error": f"weights differ: {wrong[:6]}"}
    module.load_weights(network, data.with_name(data.stem + ".weights.safetensors"))
    inputs = [nchw(tensors["images"])] + [tensors[name] for name in ("time", "given") if name in tensors]
    network.eval()
    result = {"parameters": sum(p.numel() for p in network.parameters())}
    y = network(*inputs)
    result["eval"] = difference(y.detach(), nchw(tensors["evaluated"]))
    gradients = part_of(tensors, "gradient:")
    if gradients:
        (y * nchw(tensors["coefficients"])).sum().backward()
        found = dict(network.named_parameters())
        largest = max(g.abs().max() for g in gradients.values()).clamp(min=1e-3)
        worst = {}
        for name, gradient in gradients.items():
            actual = torch.zeros_like(gradient) if found[name].grad is None else found[name].grad
            worst[name] = ((actual - gradient).abs().max() / gradient.abs().max().clamp(min=1e-3 * largest)).item()
        result["gradients"] = max(worst.values())
        result["gradientsOf"] = max(worst, key=worst.get)
    network.train()
    exact = copy.deepcopy(network).double()
    with torch.no_grad():
        y = network(*inputs)
        result["train"] = difference(y, nchw(tensors["trained"]))
        if not isinstance(result["train"], float) or result["train"] >= 1e-4:
            result["rounding"] = difference(y.double(), exact(*(x.double() for x in inputs)))
    state = network.state_dict()
    result["statistics"] = max(
        [difference(state[name], value) for name, value in part_of(tensors, "statistic:").items()], default=0.0
    )
    return result


def check_shapes(source, shapes):
    """Names and shapes of the state dict of a large network, made without memory for its weights."""
    with torch.device("meta"):
        network = load(source).Network()
    found = {k: list(v.shape) for k, v in network.state_dict().items() if not k.endswith("num_batches_tracked")}
    wrong = [name for name in {**found, **shapes} if found.get(name) != shapes.get(name)]
    return {"parameters": sum(p.numel() for p in network.parameters()), "wrong": wrong[:6]}


def main():
    folder = pathlib.Path(sys.argv[1])
    results = {}
    for shapes in sorted(folder.glob("shapes/*.json")):
        results[shapes.stem] = check_shapes(shapes.with_suffix(".py"), json.loads(shapes.read_text()))
    for source in sorted(folder.glob("*.py")):
        try:
            results[source.stem] = check(source, source.with_suffix(".safetensors"))
        except Exception as error:  # every case has a row
            results[source.stem] = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(results))


main()
