import math

import torch.nn.functional as F
from torch import nn

from ..layers.convolution import PointwiseLinear, conv2d, make_divisible
from ..layers.residual import DropPath, InPlaceSiLU, MapMlp


class SeparableAttention(nn.Module):
    """Linear attention between patches; x [b, d, places, patches]."""

    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.dim = dim
        self.norm = nn.GroupNorm(1, dim, eps=eps)
        self.qkv = PointwiseLinear(dim, 1 + 2 * dim)
        self.project = PointwiseLinear(dim, dim)

    def forward(self, x):
        query, key, value = self.qkv(self.norm(x)).split([1, self.dim, self.dim], 1)
        context = (key * query.softmax(3)).sum(3, keepdim=True)
        return self.project(F.relu(value) * context)


class SeparableTransformer(nn.Module):
    """Separable attention, then an MLP."""

    def __init__(self, dim, hidden, eps=1e-5):
        super().__init__()
        self.attention = SeparableAttention(dim, eps)
        self.mlp_norm = nn.GroupNorm(1, dim, eps=eps)
        self.mlp = MapMlp(dim, hidden, InPlaceSiLU)
        self.drop_path = DropPath()

    def forward(self, x):
        x = x + self.drop_path(self.attention(x))
        return x + self.drop_path(self.mlp(self.mlp_norm(x)))


class MobileViTV2Block(nn.Module):
    """Depthwise convolution, then separable attention between patches (https://arxiv.org/abs/2206.02680)."""

    def __init__(
        self, in_chs, out_chs, depth=2, ratio=0.5, mlp_ratio=2.0, patch=2, kernel=3, eps=1e-5
    ):
        super().__init__()
        inside = make_divisible(ratio * out_chs)
        self.patch = patch
        self.depth = depth
        self.depthwise = conv2d(in_chs, in_chs, kernel, groups=in_chs)
        self.depthwise_norm = nn.BatchNorm2d(in_chs, eps=eps)
        self.inside = conv2d(in_chs, inside)
        for k in range(depth):
            layer = SeparableTransformer(inside, max(1, int(mlp_ratio * inside)), eps)
            setattr(self, f"layer{k + 1}", layer)
        self.norm = nn.GroupNorm(1, inside, eps=eps)
        self.project = conv2d(inside, out_chs)
        self.project_norm = nn.BatchNorm2d(out_chs, eps=eps)

    def forward(self, x):
        size, p = x.shape[-2:], self.patch
        h, w = (math.ceil(side / p) for side in size)
        whole = (h * p, w * p) == tuple(size)
        if not whole:
            x = F.interpolate(x, (h * p, w * p), mode="bilinear")
        x = self.inside(F.silu(self.depthwise_norm(self.depthwise(x)), inplace=True))
        b, c = x.shape[:2]
        x = x.reshape(b, c, h, p, w, p).permute(0, 1, 3, 5, 2, 4).reshape(b, c, p * p, h * w)
        for k in range(self.depth):
            x = getattr(self, f"layer{k + 1}")(x)
        x = (
            self.norm(x)
            .reshape(b, c, p, p, h, w)
            .permute(0, 1, 4, 2, 5, 3)
            .reshape(b, c, h * p, w * p)
        )
        x = self.project_norm(self.project(x))
        return x if whole else F.interpolate(x, size, mode="bilinear")
