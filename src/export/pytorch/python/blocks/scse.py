import torch
from torch import nn

from ..layers.convolution import conv2d
from ..layers.residual import SqueezeExcite


class ChannelPixelGate(nn.Module):
    """Concurrent spatial and channel squeeze-excitation (https://arxiv.org/abs/1803.02579)."""

    def __init__(self, dim, ratio=0.5, combine="maximum"):
        super().__init__()
        self.channel = SqueezeExcite(dim, max(1, int(ratio * dim)))
        self.pixel = conv2d(dim, 1, bias=True)
        self.combine = combine

    def forward(self, x):
        by_channel, by_pixel = self.channel(x), x * self.pixel(x).sigmoid()
        return (
            by_channel + by_pixel if self.combine == "add" else torch.maximum(by_channel, by_pixel)
        )
