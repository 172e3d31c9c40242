"""Training on several processes, each with an equal part of every batch.

Gradients are averaged by DistributedDataParallel. Batch norm takes its statistics over the parts of all ranks,
as one process does over the whole batch. Random numbers differ from rank to rank.
"""

import functools

import torch
import torch.distributed as dist
import torch.distributed.nn.functional as collective
from torch import nn
from torch.nn.parallel import DistributedDataParallel

batch_norms = (nn.BatchNorm1d, nn.BatchNorm2d)


def synchronised_norm(norm, x):
    """`norm(x)` with the statistics of all ranks' batches in training."""
    if not norm.training:
        return type(norm).forward(norm, x)
    axes = [axis for axis in range(x.ndim) if axis != 1]
    shape = [1, -1] + [1] * (x.ndim - 2)
    count = x.numel() // x.shape[1] * dist.get_world_size()
    wide = x.float()
    mean = collective.all_reduce(wide.sum(axes)) / count
    centred = wide - mean.view(shape)
    variance = collective.all_reduce(centred.square().sum(axes)) / count
    with torch.no_grad():
        norm.running_mean.lerp_(mean, norm.momentum)
        norm.running_var.lerp_(variance * (count / max(count - 1, 1)), norm.momentum)
    y = centred * (variance + norm.eps).rsqrt().view(shape)
    return (y * norm.weight.view(shape) + norm.bias.view(shape)).to(x.dtype)


def has_unused(network, task, device):
    """Whether the output of a network does not depend on some parameter."""
    channels = task["channels"]
    image = torch.zeros(1, channels, task["height"], task["width"], device=device)
    was_training = network.training
    network.eval()
    parameters = list(network.parameters())
    gradients = torch.autograd.grad(network(image).sum(), parameters, allow_unused=True)
    network.train(was_training)
    return any(gradient is None for gradient in gradients)


class Ranks:
    """The processes that torchrun started."""

    def __init__(self):
        self.rank = dist.get_rank()
        self.size = dist.get_world_size()

    def replicated(self, network, task, device):
        """The network whose gradients are averaged over the ranks; `separate` undoes it."""
        for module in network.modules():
            if isinstance(module, batch_norms):
                module.forward = functools.partial(synchronised_norm, module)
        return DistributedDataParallel(
            network,
            device_ids=[device.index] if device.type == "cuda" else None,
            broadcast_buffers=False,
            find_unused_parameters=has_unused(network, task, device),
        )

    def separate(self, network):
        for module in network.modules():
            if isinstance(module, batch_norms):
                module.__dict__.pop("forward", None)

    def part_of(self, batch, count, shape, dtype):
        """This rank's part of `count` equal ones of a batch that rank 0 has; `shape` without the first axis."""
        part = torch.empty((count, *shape), dtype=dtype)
        parts = None if batch is None else list(batch.reshape(-1, *shape).split(count))
        dist.scatter(part, parts, src=0)
        return part

    def weighted(self, loss, count):
        """The loss times this rank's share of the examples that count, relative to an even one."""
        if not torch.is_tensor(count):  # equal on all ranks
            return loss
        total = count.detach().to(loss.dtype)
        dist.all_reduce(total)
        return loss * (count * self.size / total)

    def totals(self, loss, correct):
        """Mean loss and count of correct examples over all ranks."""
        both = torch.stack([loss / self.size, correct.to(loss.dtype)])
        dist.all_reduce(both)
        return both[0], both[1]
