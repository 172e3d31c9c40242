"""Norms over feature maps [batch, channels, height, width]."""

import torch
from torch import nn


class LayerNorm2d(nn.LayerNorm):
    """Layer norm over the channels of a feature map."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class GlobalResponseNorm(nn.Module):
    """Channels compete by their L2 norm over the map (https://arxiv.org/abs/2301.00808); x [b, h, w, c]."""

    def __init__(self, dim, offset=True):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(dim))
        self.bias = nn.Parameter(torch.zeros(dim)) if offset else None

    def forward(self, x):
        length = (x.square().sum((1, 2), keepdim=True) + 1e-12).sqrt()
        share = length / (length.mean(-1, keepdim=True) + 1e-6)
        x = x * (self.weight * share + 1)
        return x if self.bias is None else x + self.bias
