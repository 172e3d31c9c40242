import math

import torch
import torch.nn.functional as F
from torch import nn

from ..layers.attention import join_heads, relative_index
from ..layers.convolution import conv2d
from ..layers.residual import DropPath, Mlp, layer_scale_of, scale_channels
from ..layers.windows import window_partition, window_reverse


def square_grid(side, at):
    """Coordinates (at(row), at(column)) of a side x side grid, [side * side, 2]."""
    values = torch.tensor([at(position) for position in range(side)], dtype=torch.float32)
    return torch.cartesian_prod(values, values)


class CoordinateMlp(nn.Module):
    """MLP with 512 hidden units on constant coordinates [n, 2]."""

    def __init__(self, coordinates, out_dim):
        super().__init__()
        self.register_buffer("coordinates", coordinates, persistent=False)
        self.expand = nn.Linear(2, 512)
        self.project = nn.Linear(512, out_dim, bias=False)

    def forward(self):
        return self.project(F.relu(self.expand(self.coordinates)))


class TokenPositions(CoordinateMlp):
    """A position for each token of a side x side grid."""

    def __init__(self, dim, side):
        half = max(1, side // 2)
        super().__init__(square_grid(side, lambda position: (position - half) / half), dim)


class OffsetBias(CoordinateMlp):
    """Position bias [1, heads, n, n] from logarithmic offsets; zeros for `extra` tokens before the grid's."""

    def __init__(self, side, heads, extra=0):
        def logarithmic(position):
            offset = position - side + 1
            magnitude = math.log2(abs(8 * offset / (side - 1)) + 1) / 3
            return magnitude if offset >= 0 else -magnitude

        super().__init__(square_grid(2 * side - 1, logarithmic), heads)
        self.extra = extra
        self.register_buffer("index", relative_index(side, side), persistent=False)

    def forward(self):
        n = self.index.shape[0]
        bias = super().forward()[self.index.flatten()].reshape(n, n, -1).permute(2, 0, 1)[None]
        return F.pad(16 * bias.sigmoid(), (self.extra, 0, self.extra, 0))


class CarrierLayer(nn.Module):
    """Attention and MLP over tokens, the last of which form a side x side grid."""

    def __init__(
        self,
        dim,
        side,
        extra=0,
        head_dim=32,
        mlp_ratio=4.0,
        qkv_bias=True,
        layer_scale=0.0,
        eps=1e-5,
    ):
        super().__init__()
        self.heads = dim // head_dim
        self.norm = nn.LayerNorm(dim, eps=eps)
        self.qkv = nn.Linear(dim, 3 * dim, bias=qkv_bias)
        self.offset_bias = OffsetBias(side, self.heads, extra)
        self.project = nn.Linear(dim, dim)
        self.layer_scale1 = layer_scale_of(dim, layer_scale)
        self.mlp_norm = nn.LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim, max(1, int(mlp_ratio * dim)))
        self.layer_scale2 = layer_scale_of(dim, layer_scale)
        self.drop_path = DropPath()

    def forward(self, x):
        b, n, _ = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=self.offset_bias().to(q.dtype))
        x = x + self.drop_path(scale_channels(self.project(join_heads(y)), self.layer_scale1))
        return x + self.drop_path(scale_channels(self.mlp(self.mlp_norm(x)), self.layer_scale2))


class HierarchicalLayer(nn.Module):
    """Carriers attend over the whole map, then join the tokens of their windows."""

    def __init__(self, dim, window, carriers=0, carrier_side=0, **options):
        super().__init__()
        self.window = CarrierLayer(dim, window, carriers * carriers, **options)
        self.position = TokenPositions(dim, window)
        self.carriers = carriers
        self.side = carrier_side
        if carriers:
            self.carrier_position = TokenPositions(dim, carrier_side)
            self.carrier = CarrierLayer(dim, carrier_side, **options)

    def forward(self, x, carriers):
        x = x + self.position()
        if not self.carriers:
            return self.window(x), None
        group, count = (self.carriers, self.carriers), self.carriers * self.carriers
        spread = self.carrier(carriers + self.carrier_position()).unflatten(
            1, (self.side, self.side)
        )
        x = self.window(torch.cat([window_partition(spread, group), x], 1))
        carriers = window_reverse(x[:, :count], group, self.side, self.side).flatten(1, 2)
        return x[:, count:], carriers


class FasterViTBlock(nn.Module):
    """Window attention with carrier tokens that attend over the map (https://arxiv.org/abs/2306.06189)."""

    def __init__(
        self,
        dim,
        size,
        depth=1,
        head_dim=32,
        window=7,
        carriers=2,
        mlp_ratio=4.0,
        qkv_bias=True,
        layer_scale=0.0,
        eps=1e-5,
    ):
        super().__init__()
        carriers = carriers if size[0] > window else 0
        self.window = (window, window)
        self.side = carriers * size[0] // window
        if carriers:
            self.carriers = conv2d(dim, dim, 3, groups=dim, bias=True)
            stride = size[0] // self.side
            self.pool = nn.AvgPool2d(size[0] - (self.side - 1) * stride, stride)
        self.depth = depth
        for k in range(depth):
            layer = HierarchicalLayer(
                dim,
                window,
                carriers,
                self.side,
                head_dim=head_dim,
                mlp_ratio=mlp_ratio,
                qkv_bias=qkv_bias,
                layer_scale=layer_scale,
                eps=eps,
            )
            setattr(self, f"layer{k + 1}", layer)

    def forward(self, x):
        h, w = x.shape[-2:]
        carriers = self.pool(self.carriers(x)).flatten(2).transpose(1, 2) if self.side else None
        x = window_partition(x.permute(0, 2, 3, 1), self.window)
        for k in range(self.depth):
            x, carriers = getattr(self, f"layer{k + 1}")(x, carriers)
        return window_reverse(x, self.window, h, w).permute(0, 3, 1, 2)
