import torch
import torch.nn.functional as F
from torch import nn

from ..layers.convolution import ConvTranspose2dSame, conv2d
from ..layers.gating import map_sets


class Upsample(nn.Module):
    """Enlarges the map, and joins the output of an earlier stage (https://arxiv.org/abs/1505.04597).

    `form`: "nearest", "bilinear" or "transposed"; `skip_chs`: channels of the map that joins;
    `join`: "add" or "concat".
    """

    def __init__(self, in_chs, out_chs, scale=2, form="nearest", skip_chs=None, join="add"):
        super().__init__()
        self.scale = scale
        self.form = form
        if scale == 2 and form == "transposed":
            self.up = ConvTranspose2dSame(in_chs, out_chs, 2, 2)
        elif scale == 2:
            self.conv = conv2d(in_chs, out_chs, 3, bias=True)
        else:
            self.conv = conv2d(in_chs, out_chs, bias=True) if in_chs != out_chs else nn.Identity()
        self.mix = (
            conv2d(out_chs + skip_chs, out_chs, bias=True)
            if skip_chs and join == "concat"
            else None
        )

    def forward(self, x, skip=None):
        size = [self.scale * side for side in x.shape[-2:]] if skip is None else skip.shape[-2:]
        if self.scale == 1:
            x = self.conv(x)
        elif self.form == "transposed":
            x = self.up(x)[:, :, : size[0], : size[1]]
        else:
            x = self.conv(F.interpolate(x, tuple(size), mode=self.form))
        if skip is None:
            return x
        return x + skip if self.mix is None else self.mix(torch.cat([x, skip], 1))


class CrossGates(nn.Module):
    """Gates for the other map, from linear layers over a grid and inside blocks; x [b, h, w, c]."""

    def __init__(self, dim, block=7, grid=7):
        super().__init__()
        self.sides = (block, grid)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.expand = nn.Linear(dim, 2 * dim)
        self.grid = nn.Linear(grid * grid, grid * grid)
        self.block = nn.Linear(block * block, block * block)
        self.project = nn.Linear(2 * dim, dim)

    def forward(self, x):
        u, v = F.gelu(self.expand(self.norm(x))).chunk(2, -1)
        spread = map_sets(
            u, "grid", self.sides[1], lambda y: self.grid(y.transpose(1, 2)).transpose(1, 2)
        )
        near = map_sets(
            v, "block", self.sides[0], lambda y: self.block(y.transpose(1, 2)).transpose(1, 2)
        )
        return self.project(torch.cat([spread, near], -1))


class CrossGate(nn.Module):
    """The enlarged map and an earlier stage's output gate each other (https://arxiv.org/abs/2201.02973)."""

    def __init__(self, in_chs, out_chs, skip_chs, scale=2, block=7, grid=7):
        super().__init__()
        self.up = ConvTranspose2dSame(in_chs, out_chs, 2, 2) if scale == 2 else nn.Identity()
        self.skip = conv2d(skip_chs, out_chs, bias=True)
        self.raised = conv2d(out_chs if scale == 2 else in_chs, out_chs, bias=True)
        for name in ("skip", "raised"):
            setattr(self, f"{name}_norm", nn.LayerNorm(out_chs, eps=1e-6))
            setattr(self, f"{name}_open", nn.Linear(out_chs, out_chs))
            setattr(self, f"{name}_gate", CrossGates(out_chs, block, grid))
            setattr(self, f"{name}_close", nn.Linear(out_chs, out_chs))

    def forward(self, y, skip):
        x = self.skip(skip).permute(0, 2, 3, 1)
        y = self.raised(self.up(y)).permute(0, 2, 3, 1)
        open_x = F.gelu(self.skip_open(self.skip_norm(x)))
        open_y = F.gelu(self.raised_open(self.raised_norm(y)))
        y = y + self.raised_close(open_y * self.skip_gate(open_x))
        x = x + self.skip_close(open_x * self.raised_gate(open_y))
        return (x + y).permute(0, 3, 1, 2)
