import torch
from torch import nn

from ..layers.attention import Attention
from ..layers.residual import DropPath, Mlp, hidden_of
from ..layers.windows import pad_to_multiple, window_partition, window_reverse


def shift_mask(size, window, shift):
    """[windows, n, n]: -100 for pairs of pixels that the shift put into one window, 0 elsewhere."""

    def region(length, side, by):
        position = torch.arange(length)
        moved = (position >= length - side).int() + (position >= length - by).int()
        return moved if by else torch.zeros_like(position)

    rows = region(size[0], window[0], shift[0])
    columns = region(size[1], window[1], shift[1])
    regions = window_partition((3 * rows[:, None] + columns)[None, :, :, None], window).squeeze(-1)
    return -100.0 * (regions[:, :, None] != regions[:, None, :]).float()


class SwinBlock(nn.Module):
    """Attention in shifted windows, MLP (https://arxiv.org/abs/2103.14030)."""

    def __init__(self, dim, size, head_dim=32, window=7, shifted=False, mlp_ratio=4.0, eps=1e-5):
        super().__init__()
        self.window = tuple(min(window, side) for side in size)
        self.shift = tuple(window // 2 if shifted and side > window else 0 for side in size)
        self.norm = nn.LayerNorm(dim, eps=eps)
        self.attention = Attention(dim, head_dim, bias_size=self.window)
        self.mlp_norm = nn.LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim, hidden_of(dim, mlp_ratio))
        self.drop_path = DropPath()
        padded = tuple(side + -side % part for side, part in zip(size, self.window))
        mask = shift_mask(padded, self.window, self.shift) if any(self.shift) else None
        self.register_buffer("mask", mask, persistent=False)

    def attend(self, x):
        """Attention in windows of x [b, h, w, c]."""
        _, h, w, _ = x.shape
        x = pad_to_multiple(torch.roll(x, [-by for by in self.shift], (1, 2)), self.window)
        y = self.attention(window_partition(x, self.window), mask=self.mask)
        y = window_reverse(y, self.window, *x.shape[1:3])[:, :h, :w]
        return torch.roll(y, self.shift, (1, 2))

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        x = x + self.drop_path(self.attend(self.norm(x)))
        x = x + self.drop_path(self.mlp(self.mlp_norm(x)))
        return x.permute(0, 3, 1, 2)
