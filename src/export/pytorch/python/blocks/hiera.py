import torch.nn.functional as F
from torch import nn

from ..layers.attention import join_heads, split_heads
from ..layers.residual import DropPath, Mlp, hidden_of
from ..layers.windows import window_partition, window_reverse


def max_pool_channels_last(x, stride):
    """2x2 maximum of x [b, h, w, c] where it strides."""
    return x if stride == 1 else F.max_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)


class MaskUnitAttention(nn.Module):
    """Attention in mask units, or over the map where `window` is 0; a stride pools the queries."""

    def __init__(self, in_chs, out_chs, stride=1, head_dim=32, window=0):
        super().__init__()
        self.heads = out_chs // head_dim
        self.stride = stride
        self.window = window
        self.qkv = nn.Linear(in_chs, 3 * out_chs)
        self.project = nn.Linear(out_chs, out_chs)

    def forward(self, x):
        _, h, w, _ = x.shape
        window = (self.window, self.window) if self.window else (h, w)
        queries = (window[0] // self.stride, window[1] // self.stride)
        q, k, v = self.qkv(x).chunk(3, -1)
        q = split_heads(
            window_partition(max_pool_channels_last(q, self.stride), queries), self.heads
        )
        k, v = (split_heads(window_partition(part, window), self.heads) for part in (k, v))
        y = self.project(join_heads(F.scaled_dot_product_attention(q, k, v)))
        return window_reverse(y, queries, h // self.stride, w // self.stride)


class HieraBlock(nn.Module):
    """Mask-unit or global attention with query pooling, MLP (https://arxiv.org/abs/2306.00989)."""

    def __init__(self, in_chs, out_chs, stride=1, head_dim=32, window=0, mlp_ratio=4.0, eps=1e-6):
        super().__init__()
        self.stride = stride
        self.norm = nn.LayerNorm(in_chs, eps=eps)
        self.shortcut = nn.Linear(in_chs, out_chs) if stride == 2 or in_chs != out_chs else None
        self.attention = MaskUnitAttention(in_chs, out_chs, stride, head_dim, window)
        self.mlp_norm = nn.LayerNorm(out_chs, eps=eps)
        self.mlp = Mlp(out_chs, hidden_of(out_chs, mlp_ratio))
        self.drop_path = DropPath()

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        y = self.norm(x)
        if self.shortcut is not None:
            x = max_pool_channels_last(self.shortcut(y), self.stride)
        x = x + self.drop_path(self.attention(y))
        x = x + self.drop_path(self.mlp(self.mlp_norm(x)))
        return x.permute(0, 3, 1, 2)
