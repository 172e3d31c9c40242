import torch
import torch.nn.functional as F
from torch import nn

from ..layers.convolution import conv2d
from ..layers.gating import SpatialGate, map_sets
from ..layers.norms import LayerNorm2d
from ..layers.residual import DropPath, SqueezeExcite


class GatedSetMlp(nn.Module):
    """Gated MLP over the positions of sets of pixels, residual."""

    def __init__(self, dim, axis, side, factor=2):
        super().__init__()
        self.axis = axis
        self.side = side
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.expand = nn.Linear(dim, factor * dim)
        self.gate = SpatialGate(factor * dim // 2, side * side)
        self.project = nn.Linear(factor * dim // 2, dim)

    def mix(self, x):
        return x + self.project(self.gate(F.gelu(self.expand(self.norm(x)))))

    def forward(self, x):
        return map_sets(x, self.axis, self.side, self.mix)


class MultiAxisMlp(nn.Module):
    """One half of the channels is mixed over a grid, the other inside blocks; x [b, h, w, c]."""

    def __init__(self, dim, block=7, grid=7, factor=2):
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.expand = nn.Linear(dim, 2 * dim)
        self.grid = GatedSetMlp(dim, "grid", grid, factor)
        self.block = GatedSetMlp(dim, "block", block, factor)
        self.project = nn.Linear(2 * dim, dim)

    def forward(self, x):
        u, v = F.gelu(self.expand(self.norm(x))).chunk(2, -1)
        return self.project(torch.cat([self.grid(u), self.block(v)], -1))


class ChannelAttention(nn.Module):
    """Norm, two 3x3 convolutions, squeeze-excitation."""

    def __init__(self, dim):
        super().__init__()
        self.norm = LayerNorm2d(dim, eps=1e-6)
        self.conv1 = conv2d(dim, dim, 3, bias=True)
        self.conv2 = conv2d(dim, dim, 3, bias=True)
        self.se = SqueezeExcite(dim, max(1, dim // 4))

    def forward(self, x):
        return self.se(self.conv2(F.leaky_relu(self.conv1(self.norm(x)), 0.2)))


class MAXIMBlock(nn.Module):
    """Multi-axis gated MLP, then channel attention (https://arxiv.org/abs/2201.02973)."""

    def __init__(self, dim, block=7, grid=7, factor=2, channel_attention=True):
        super().__init__()
        self.gmlp = MultiAxisMlp(dim, block, grid, factor)
        self.channel = ChannelAttention(dim) if channel_attention else None
        self.drop_path = DropPath()

    def forward(self, x):
        x = x + self.drop_path(self.gmlp(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))
        return x if self.channel is None else x + self.drop_path(self.channel(x))
