import torch
import torch.nn.functional as F
from torch import nn

from ..layers.convolution import ConvTranspose2dSame, conv2d
from ..layers.residual import DropPath, hidden_of


def haar(x):
    """One wavelet level: x [b, c, h, w] to the low band and three details for each channel."""
    a, b = x[:, :, ::2, ::2], x[:, :, ::2, 1::2]
    c, d = x[:, :, 1::2, ::2], x[:, :, 1::2, 1::2]
    details = torch.stack([a + b - c - d, a - b + c - d, a - b - c + d], 2).flatten(1, 2)
    return (a + b + c + d) / 2, details / 2


class WaveMixLevel(nn.Module):
    """1x1, GELU, dropout, 1x1, transposed 4x4 convolution, batch norm."""

    def __init__(self, in_chs, hidden, ff, out_chs, dropout=0.5):
        super().__init__()
        self.expand = conv2d(in_chs, hidden, bias=True)
        self.dropout = nn.Dropout(dropout)
        self.reduce = conv2d(hidden, ff, bias=True)
        self.up = ConvTranspose2dSame(ff, out_chs, 4, 2)
        self.norm = nn.BatchNorm2d(out_chs)

    def forward(self, x):
        return self.norm(self.up(self.reduce(self.dropout(F.gelu(self.expand(x))))))


class WaveMixBlock(nn.Module):
    """Haar wavelets mix space, feed-forwards mix channels (https://arxiv.org/abs/2205.14375)."""

    def __init__(self, dim, level=1, mult=2, ff=1.0, dropout=0.5):
        super().__init__()
        self.level = level
        self.reduce = conv2d(dim, dim // 4, bias=True)
        for k in range(level, 0, -1):
            in_chs = dim if k == level else dim + dim // 2
            out_chs = dim if k == 1 else dim // 2
            setattr(
                self,
                f"level{k}",
                WaveMixLevel(in_chs, mult * dim, hidden_of(dim, ff), out_chs, dropout),
            )
        self.drop_path = DropPath()

    def forward(self, x):
        low, bands = self.reduce(x), []
        for _ in range(self.level):
            low, details = haar(low)
            bands.append(torch.cat([low, details], 1))
        y = getattr(self, f"level{self.level}")(bands[-1])
        for k in range(self.level - 1, 0, -1):
            y = getattr(self, f"level{k}")(torch.cat([bands[k - 1], y], 1))
        return x + self.drop_path(y)
