import torch
import torch.nn.functional as F
from torch import nn

from ..layers.convolution import conv2d
from ..layers.residual import DropPath, SqueezeExcite, layer_scale_of


class SpatialMixer(nn.Module):
    """Two receptive fields side by side."""

    def __init__(self, dim, dense=False, layer_scale=1e-5, eps=1e-6):
        super().__init__()
        inside = dim // 2
        groups = 1 if dense else inside
        self.norm = nn.GroupNorm(1, dim, eps=eps)
        self.in_ = conv2d(dim, inside, bias=True)
        self.detail_scale = layer_scale_of(inside, layer_scale)
        self.near = conv2d(inside, inside, 3, groups=groups)
        self.near_norm = nn.BatchNorm2d(inside, eps=eps)
        self.near_se = SqueezeExcite(inside, max(1, inside // 4))
        self.far1 = conv2d(inside, inside, 3, dilation=2, groups=groups)
        self.far2 = conv2d(inside, inside, 3, dilation=2, groups=groups)
        self.far2_norm = nn.BatchNorm2d(inside, eps=eps)
        self.far_se = SqueezeExcite(inside, max(1, inside // 4))
        self.out = conv2d(2 * inside, dim, bias=True)

    def forward(self, x):
        x = self.in_(self.norm(x))
        x = x + (x - x.mean((2, 3), keepdim=True)) * self.detail_scale[:, None, None]
        near = self.near_se(F.gelu(self.near_norm(self.near(x))))
        far = self.far_se(F.gelu(self.far2_norm(self.far2(self.far1(x)))))
        return self.out(torch.cat([near, far], 1))


class ChannelMixer(nn.Module):
    """Gated channels plus those of each pixel's strongest channel, multiplied in pairs as complex numbers."""

    def __init__(self, dim, expand=2, dense=False, eps=1e-6):
        super().__init__()
        hidden = expand * dim
        self.norm = nn.GroupNorm(1, dim, eps=eps)
        self.gate = conv2d(dim, hidden, bias=True)
        self.value = conv2d(dim, hidden, bias=True)
        self.rotation = nn.Parameter(torch.randn(hidden // 2, 2))
        self.mix = conv2d(hidden, hidden, 3, groups=hidden if dense else dim)
        self.mix_norm = nn.BatchNorm2d(hidden, eps=eps)
        self.se = SqueezeExcite(hidden, max(1, dim // 4))
        self.out = conv2d(hidden, dim, bias=True)

    def forward(self, x):
        x = self.norm(x)
        gate, value = F.gelu(self.gate(x)), self.value(x)
        strongest = x.argmax(1, keepdim=True)
        x = gate * value + gate.gather(1, strongest) * value.gather(1, strongest)
        real, imaginary = x.unflatten(1, (-1, 2)).unbind(2)
        cos, sin = self.rotation[:, :, None, None].unbind(1)
        x = torch.stack([real * cos - imaginary * sin, real * sin + imaginary * cos], 2).flatten(
            1, 2
        )
        return self.out(self.se(F.gelu(self.mix_norm(self.mix(x)))))


class SpaRTANBlock(nn.Module):
    """Spatial mixer of two receptive fields, then a channel mixer (https://arxiv.org/abs/2507.10999)."""

    def __init__(self, dim, expand=2, dense=False, layer_scale=1e-5, eps=1e-6):
        super().__init__()
        self.spatial = SpatialMixer(dim, dense, layer_scale, eps)
        self.spatial_scale = layer_scale_of(dim, layer_scale)
        self.channel = ChannelMixer(dim, expand, dense, eps)
        self.channel_scale = layer_scale_of(dim, layer_scale)
        self.drop_path = DropPath()

    def forward(self, x):
        x = x + self.drop_path(self.spatial(x) * self.spatial_scale[:, None, None])
        return x + self.drop_path(self.channel(x) * self.channel_scale[:, None, None])
