from torch import nn

from ..layers.attention import Attention
from ..layers.residual import DropPath, Mlp, hidden_of
from ..layers.windows import (
    grid_partition,
    grid_reverse,
    window_partition,
    window_reverse,
)
from .mbconv import MaxViTConv


class PartitionAttention(nn.Module):
    """Attention and MLP in windows, or over a grid of pixels spread over the map; x [b, h, w, c]."""

    def __init__(
        self, dim, window=7, grid=False, head_dim=32, mlp_ratio=4.0, act=nn.GELU, eps=1e-5
    ):
        super().__init__()
        self.window = (window, window)
        self.partition = grid_partition if grid else window_partition
        self.reverse = grid_reverse if grid else window_reverse
        self.norm = nn.LayerNorm(dim, eps=eps)
        self.attention = Attention(dim, head_dim, bias_size=self.window)
        self.mlp_norm = nn.LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim, hidden_of(dim, mlp_ratio), act=act)
        self.drop_path = DropPath()

    def forward(self, x):
        _, h, w, _ = x.shape
        y = self.attention(self.partition(self.norm(x), self.window))
        x = x + self.drop_path(self.reverse(y, self.window, h, w))
        return x + self.drop_path(self.mlp(self.mlp_norm(x)))


class MaxViTBlock(nn.Module):
    """MBConv, window attention, grid attention (https://arxiv.org/abs/2204.01697)."""

    def __init__(
        self,
        in_chs,
        out_chs,
        stride=1,
        head_dim=32,
        window=7,
        expand=4.0,
        kernel=3,
        se=0.25,
        mlp_ratio=4.0,
        act=nn.GELU,
        padding="same",
        conv_eps=1e-3,
        eps=1e-5,
    ):
        super().__init__()
        self.conv = MaxViTConv(
            in_chs, out_chs, stride, expand, kernel, se, act, padding=padding, eps=conv_eps
        )
        self.window = PartitionAttention(out_chs, window, False, head_dim, mlp_ratio, act, eps)
        self.grid = PartitionAttention(out_chs, window, True, head_dim, mlp_ratio, act, eps)

    def forward(self, x):
        x = self.conv(x).permute(0, 2, 3, 1)
        return self.grid(self.window(x)).permute(0, 3, 1, 2)
