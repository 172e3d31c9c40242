"""MAXIM's linear layers over positions (https://arxiv.org/abs/2201.02973)."""

from torch import nn

from .windows import grid_partition, grid_reverse, window_partition, window_reverse


def map_sets(x, axis, side, change):
    """Applies `change` to sets of side * side pixels of x [b, h, w, c]: blocks of neighbours, or a grid."""
    _, h, w, _ = x.shape
    if axis == "block":
        return window_reverse(change(window_partition(x, (side, side))), (side, side), h, w)
    return grid_reverse(change(grid_partition(x, (side, side))), (side, side), h, w)


class SpatialGate(nn.Module):
    """Spatial gating unit u * (W LN(v) + 1), W over the positions of each set [sets, n, 2 * dim]."""

    def __init__(self, dim, positions):
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.positions = nn.Linear(positions, positions)

    def forward(self, x):
        u, v = x.chunk(2, -1)
        return u * (self.positions(self.norm(v).transpose(1, 2)).transpose(1, 2) + 1)
