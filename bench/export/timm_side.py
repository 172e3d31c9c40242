"""Times an exported module beside timm's own: JSON lines, one request and one answer at a time.

{"kind": "draw", "timm": "resnet50", "weights": "x.safetensors"} writes random weights of timm's network;
{"kind": "equal", "timm": …, "weights": …, "file": "x.py", "ours": "y.safetensors", "side": 224} answers the largest
difference of both outputs, relative to the largest output;

{"kind": "prepare", "file": "x.py", "timm": "resnet50", "batch": 8, "mode": "eager", "blockMs": 300, "threads": 2,
"side": 224} makes both and answers {"parameters": [ours, timm's]}; {"kind": "round", "number": 0} then answers
{"ms": [ours, timm's]}, milliseconds per pass over a block of each.
"""
import importlib.util
import json
import sys
import time

import timm
import torch
from safetensors.torch import load_file, save_file


def drawn(tensor, name):
    """Random, of the size that keeps activations in range: variances positive, scales about 1."""
    if not tensor.is_floating_point():
        return tensor
    noise = torch.randn(tensor.shape)
    if name.endswith("running_var"):
        return 1 + 0.5 * noise.tanh()
    if tensor.dim() == 1 and name.endswith("weight"):
        return 1 + 0.2 * noise
    fan = tensor[0].numel() if tensor.dim() > 1 else 1
    return noise / fan**0.5 if name.endswith("weight") and fan > 1 else 0.2 * noise


def draw(request):
    torch.manual_seed(1)
    network = timm.create_model(request["timm"], pretrained=False)
    values = {name: drawn(value, name).contiguous() for name, value in network.state_dict().items()}
    save_file(values, request["weights"])
    return {}


@torch.inference_mode()
def equal(request):
    torch.manual_seed(2)
    x = torch.randn(1, 3, request["side"], request["side"])
    theirs = timm.create_model(request["timm"], pretrained=False)
    theirs.load_state_dict(load_file(request["weights"]))
    ours = load(request["file"])
    ours.load_state_dict(load_file(request["ours"]), strict=False)
    outputs = [side.eval()(x) for side in (ours, theirs)]
    scale = outputs[1].abs().max()
    return {"difference": ((outputs[0] - outputs[1]).abs().max() / scale).item(), "largest": scale.item()}


def load(file):
    spec = importlib.util.spec_from_file_location("exported", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Network()


def timed(network, x, passes):
    start = time.perf_counter()
    for _ in range(passes):
        y = network(x)
    y.flatten()[0].item()  # a read-back
    return 1000 * (time.perf_counter() - start) / passes


@torch.inference_mode()
def prepare(request):
    current.clear()
    torch.set_num_threads(request["threads"])
    sides = [load(request["file"]), timm.create_model(request["timm"], pretrained=False)]
    parameters = [sum(p.numel() for p in side.parameters()) for side in sides]
    x = torch.randn(request["batch"], 3, request["side"], request["side"])
    if request["mode"] == "channels-last":
        x = x.to(memory_format=torch.channels_last)
        sides = [side.to(memory_format=torch.channels_last) for side in sides]
    sides = [side.eval() for side in sides]
    if request["mode"] == "compile":
        torch._dynamo.reset()
        sides = [torch.compile(side) for side in sides]
    for side in sides:
        timed(side, x, 2)
    passes = [max(1, round(request["blockMs"] / timed(side, x, 1))) for side in sides]
    current.update(sides=sides, x=x, passes=passes)
    return {"parameters": parameters}


@torch.inference_mode()
def one_round(request):
    """A block of each side, in alternating order."""
    sides, x, passes = current["sides"], current["x"], current["passes"]
    order = (0, 1) if request["number"] % 2 == 0 else (1, 0)
    timed(sides[order[0]], x, 1)  # wakes caches and threads
    ms = {at: timed(sides[at], x, passes[at]) for at in order}
    return {"ms": [ms[0], ms[1]]}


current = {}
kinds = {"draw": draw, "equal": equal, "prepare": prepare, "round": one_round}
for line in sys.stdin:
    try:
        request = json.loads(line)
        answer = kinds[request["kind"]](request)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
