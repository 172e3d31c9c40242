"""What residual branches share."""

import torch
from torch import nn

from .convolution import PointwiseLinear, make_divisible


class DropPath(nn.Module):
    """Stochastic depth: training drops the branch of whole examples (https://arxiv.org/abs/1603.09382)."""

    def __init__(self, rate=0.0):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if self.rate == 0.0 or not self.training:
            return x
        keep = 1.0 - self.rate
        return x * x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(keep) / keep


def set_drop_path(block, rate):
    """Sets the stochastic-depth rate of a block, unless it has one of its own."""
    for module in block.modules():
        if isinstance(module, DropPath) and not getattr(module, "own_rate", False):
            module.rate = rate


def layer_scale_of(dim, start):
    """A learned factor per channel, or None where `start` is 0 (https://arxiv.org/abs/2103.17239)."""
    return nn.Parameter(torch.full((dim,), float(start))) if start > 0 else None


def scale_channels(x, factor):
    """x [..., c] times a factor per channel; x where there is none."""
    return x if factor is None else x * factor


class SqueezeExcite(nn.Module):
    """Gates channels by their means over the map (https://arxiv.org/abs/1709.01507)."""

    def __init__(self, dim, reduced, act=nn.ReLU):
        super().__init__()
        self.reduce = nn.Linear(dim, reduced)
        self.act = act()
        self.expand = nn.Linear(reduced, dim)

    def forward(self, x):
        gate = self.expand(self.act(self.reduce(x.mean((2, 3))))).sigmoid()
        return x * gate[:, :, None, None]


class InPlaceSiLU(nn.SiLU):
    """SiLU that overwrites its input, for what a norm or a linear layer has just written."""

    def __init__(self):
        super().__init__(inplace=True)


class MapMlp(nn.Module):
    """Linear, activation, linear over the channels of a map."""

    def __init__(self, dim, hidden, act=nn.GELU):
        super().__init__()
        self.expand = PointwiseLinear(dim, hidden)
        self.act = act()
        self.project = PointwiseLinear(hidden, dim)

    def forward(self, x):
        return self.project(self.act(self.expand(x)))


class Mlp(nn.Module):
    """Linear, activation, linear over the last axis."""

    def __init__(self, dim, hidden, out_dim=None, act=nn.GELU):
        super().__init__()
        self.expand = nn.Linear(dim, hidden)
        self.act = act()
        self.project = nn.Linear(hidden, out_dim or dim)

    def forward(self, x):
        return self.project(self.act(self.expand(x)))


def hidden_of(dim, ratio):
    """Channels of a hidden layer, rounded."""
    return max(1, int(ratio * dim + 0.5))


def expanded_width(dim, ratio, round_to=1):
    """Channels of an expansion: rounded, or the nearest multiple of `round_to`."""
    return hidden_of(dim, ratio) if round_to == 1 else make_divisible(ratio * dim, round_to)
