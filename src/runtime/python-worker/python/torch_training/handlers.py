"""Requests of trainings: create, step, state, end."""

import torch
from torch_state import sent, tensor_of, use_precision, world_size

from .distributed import Ranks
from .training import Training
from .weights import weights_of


def create(state, request, buffers):
    network = state.networks[request["network"]]
    options = request["options"]
    use_precision(options["precision"])
    training = Training(
        network.net,
        weights_of(network.net, request["weights"]),
        options,
        masks=network.masks,
        group=Ranks() if world_size() > 1 else None,
        guide=state.networks[request["guide"]].net if "guide" in request else None,
        memory_format=state.memory_format,
    )
    return {"training": state.add(state.trainings, training), "buildMs": training.build_ms}


def part_of(training, batch):
    """This rank's part of a batch that rank 0 has."""
    options, task, group = training.options, training.task, training.group
    size = options["batch"] // group.size
    map_size = (task["height"], task["width"])
    pixels = map_size if task["kind"] == "dense" else ()
    parts = {
        "images": ((*map_size, task["channels"]), torch.float32),
        "labels": (pixels, torch.int32),
        **({"others": ((), torch.int32)} if options.get("mixesLabels") else {}),
    }
    return {
        name: group.part_of(batch.get(name), size, shape, dtype) for name, (shape, dtype) in parts.items()
    }


def step(state, request, buffers):
    """A step, or a micro-batch before its last where `accumulates`; `result`: loss, correct, gradient norm."""
    training = state.trainings[request["training"]]
    use_precision(training.options["precision"])
    change = training.accumulate if request["accumulates"] else training.step
    batch = {name: tensor_of(buffer) for name, buffer in buffers.items()}
    if training.group is not None:
        batch = part_of(training, batch)
    values, fields = change(batch["images"], batch["labels"], request["settings"], batch.get("others"))
    return {**fields, "firstRunMs": training.first_run_ms}, [sent("result", values)]


def read_state(state, request, buffers):
    steps, slots = state.trainings[request["training"]].read_state()
    return {"step": steps}, [sent(name, value) for name, value in slots.items()]


def write_state(state, request, buffers):
    slots = {name: tensor_of(buffer) for name, buffer in buffers.items()}
    state.trainings[request["training"]].write_state(request["step"], slots)


def end(state, request, buffers):
    state.trainings.pop(request["training"]).end()
    state.free_memory()


HANDLERS = {
    "training": create,
    "train-step": step,
    "read-training": read_state,
    "write-training": write_state,
    "end-training": end,
}
