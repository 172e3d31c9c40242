"""Networks on the device: generated modules with their weights."""
import itertools
import linecache
import types

import torch
from torch_state import sent, tensor_of

sources = itertools.count(1)


class Network:
    """A generated module and its network.

    `module` holds what the file defines, such as `set_drop_path`; `masks` the kept entries of pruned weights.
    """

    def __init__(self, module, net, masks):
        self.module = module
        self.net = net
        self.masks = masks

    def load(self, tensors):
        """Replaces all weights and running statistics; pruned entries become 0."""
        wrong = self.net.load_state_dict(tensors, strict=False)
        missing = [name for name in wrong.missing_keys if not name.endswith(".num_batches_tracked")]
        if missing or wrong.unexpected_keys:
            raise ValueError(f"weights must be those of the network, got {missing[:3]} {wrong.unexpected_keys[:3]}")
        state = self.net.state_dict()
        with torch.no_grad():
            for name, mask in self.masks.items():
                state[name].mul_(mask)


def module_of(source):
    """Executes the text of a generated file as a module."""
    name = f"stagecraft_network_{next(sources)}"
    file = f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)  # for tracebacks
    module = types.ModuleType(name)
    exec(compile(source, file, "exec"), module.__dict__)  # noqa: S102 (the lab's own text)
    return module


def create(state, request, buffers):
    module = module_of(request["source"])
    weights = {}
    masks = {}
    for name, buffer in buffers.items():
        if name.startswith("mask:"):
            masks[name.removeprefix("mask:")] = tensor_of(buffer).to(state.device)
        else:
            weights[name] = tensor_of(buffer)
    net = module.Network().to(state.device, memory_format=state.memory_format)
    network = Network(module, net, masks)
    network.load(weights)
    return {
        "network": state.add(state.networks, network),
        "parameters": sum(weight.numel() for weight in net.parameters()),
    }


def read_weights(state, request, buffers):
    net = state.networks[request["network"]].net
    named = net.state_dict().items()
    return {}, [sent(name, value) for name, value in named if not name.endswith(".num_batches_tracked")]


def write_weights(state, request, buffers):
    network = state.networks[request["network"]]
    network.load({name: tensor_of(buffer) for name, buffer in buffers.items()})


def dispose(state, request, buffers):
    for table in (state.networks, state.inferences, state.trainings):
        table.pop(request["number"], None)
    state.free_memory()


HANDLERS = {
    "network": create,
    "read-weights": read_weights,
    "write-weights": write_weights,
    "dispose": dispose,
}
