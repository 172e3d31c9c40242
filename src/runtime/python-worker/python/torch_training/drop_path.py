"""Stochastic depth of a generated network: rates per block, and a schedule that scales all of them."""

import re

import torch
from torch import nn


def is_drop_path(module):
    return type(module).__name__ == "DropPath"


def set_rates(network, highest):
    """Rates that rise from 0 at the first block to `highest` at the last, as the network's own argument sets."""
    stages = [child for name, child in network.named_children() if re.fullmatch(r"stage\d+", name)]
    blocks = [block for stage in stages for block in stage]
    for k, block in enumerate(blocks):
        for module in block.modules():
            if is_drop_path(module) and not getattr(module, "own_rate", False):
                module.rate = highest * k / max(1, len(blocks) - 1)


class ScheduledDropPath(nn.Module):
    """Stochastic depth whose rate is multiplied by `share`, a tensor, so that a compiled step reads it anew."""

    def __init__(self, rate, share):
        super().__init__()
        self.rate = rate
        self.register_buffer("share", share, persistent=False)

    def forward(self, x):
        if not self.training:
            return x
        keep = 1 - self.rate * self.share
        drawn = torch.rand((x.shape[0],) + (1,) * (x.ndim - 1), device=x.device)
        return x * ((drawn < keep) / keep).to(x.dtype)


class Schedule:
    """Replaces a network's stochastic depth by a scheduled one until `end`."""

    def __init__(self, network, device):
        self.share = torch.ones((), device=device)
        self.replaced = []
        for parent in list(network.modules()):
            for name, child in list(parent.named_children()):
                if is_drop_path(child) and child.rate > 0:
                    self.replaced.append((parent, name, child))
                    setattr(parent, name, ScheduledDropPath(child.rate, self.share))

    def end(self):
        for parent, name, child in self.replaced:
            setattr(parent, name, child)
