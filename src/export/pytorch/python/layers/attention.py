"""Attention over tokens, and its positions."""

import torch
import torch.nn.functional as F
from torch import nn


def relative_index(height, width):
    """Row of each ordered pair of positions in a table of (2h - 1)(2w - 1) offsets, [n, n]."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    y, x = y.flatten(), x.flatten()
    rows = y[:, None] - y[None, :] + height - 1
    columns = x[:, None] - x[None, :] + width - 1
    return rows * (2 * width - 1) + columns


def rotate(x, height, width):
    """Axial rotary positions (https://arxiv.org/abs/2104.09864); x [b, heads, height * width, d]."""
    quarter = x.shape[-1] // 4
    frequency = 100.0 ** (-torch.arange(quarter, device=x.device, dtype=torch.float32) / quarter)
    rows = torch.arange(height, device=x.device).repeat_interleave(width)
    columns = torch.arange(width, device=x.device).repeat(height)
    angle = torch.cat([rows[:, None] * frequency, columns[:, None] * frequency], 1)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class Attention(nn.Module):
    """Multi-head self-attention over tokens [b, n, dim], with relative position bias or rotary positions."""

    def __init__(
        self,
        dim,
        head_dim=32,
        inner=None,
        out_dim=None,
        qkv_bias=True,
        bias_size=None,
        rotary=False,
    ):
        super().__init__()
        inner = inner or dim
        self.heads = inner // head_dim
        self.rotary = rotary
        self.qkv = nn.Linear(dim, 3 * inner, bias=qkv_bias)
        self.project = nn.Linear(inner, out_dim or inner)
        self.bias_table = None
        if bias_size is not None:
            height, width = bias_size
            self.bias_table = nn.Parameter(
                torch.zeros((2 * height - 1) * (2 * width - 1), self.heads)
            )
            nn.init.trunc_normal_(self.bias_table, std=0.02)
            self.register_buffer("bias_index", relative_index(height, width), persistent=False)

    def bias(self):
        """[1, heads, n, n], or None."""
        if self.bias_table is None:
            return None
        n = self.bias_index.shape[0]
        return self.bias_table[self.bias_index.flatten()].reshape(n, n, -1).permute(2, 0, 1)[None]

    def forward(self, x, size=None, mask=None):
        """`size`: the tokens' grid, for rotary positions; `mask` [windows, n, n] is added to the logits."""
        b, n, _ = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if self.rotary:
            q, k = rotate(q, *size), rotate(k, *size)
        bias = self.bias()
        if mask is not None:
            bias = (bias + mask[:, None]).repeat(b // mask.shape[0], 1, 1, 1)
        x = F.scaled_dot_product_attention(
            q, k, v, attn_mask=None if bias is None else bias.to(q.dtype)
        )
        return self.project(x.transpose(1, 2).reshape(b, n, -1))


def split_heads(x, heads):
    """[b, n, heads * d] to [b, heads, n, d]."""
    b, n, _ = x.shape
    return x.reshape(b, n, heads, -1).transpose(1, 2)


def join_heads(x):
    """[b, heads, n, d] to [b, n, heads * d]."""
    return x.transpose(1, 2).flatten(2)


def to_tokens(x):
    """[b, c, h, w] to [b, h * w, c]."""
    return x.flatten(2).transpose(1, 2)


def to_map(x, height, width):
    """[b, h * w, c] to [b, c, h, w]."""
    return x.transpose(1, 2).unflatten(2, (height, width))
