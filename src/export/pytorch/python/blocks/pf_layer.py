import torch.nn.functional as F
from torch import nn

from ..layers.residual import DropPath, Mlp, hidden_of


class PoolMixer(nn.Module):
    """A maximum between two linear layers in the place of attention; x [b, h, w, c]."""

    def __init__(self, dim, ratio=3.0, window=3, eps=1e-6):
        super().__init__()
        hidden = hidden_of(dim, ratio)
        self.norm = nn.LayerNorm(dim, eps=eps)
        self.expand = nn.Linear(dim, hidden)
        self.max = nn.MaxPool2d(window, 1, padding=window // 2)
        self.project = nn.Linear(hidden, dim)

    def forward(self, x):
        x = F.gelu(self.expand(self.norm(x)))
        x = self.max(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return self.project(F.gelu(x))


class PfBlock(nn.Module):
    """A transformer block with a parameter-free maximum (https://arxiv.org/abs/2202.02777)."""

    def __init__(self, dim, ratio=3.0, window=3, mlp_ratio=4.0, eps=1e-6):
        super().__init__()
        self.pool = PoolMixer(dim, ratio, window, eps)
        self.mlp_norm = nn.LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim, hidden_of(dim, mlp_ratio))
        self.drop_path = DropPath()

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        x = x + self.drop_path(self.pool(x))
        x = x + self.drop_path(self.mlp(self.mlp_norm(x)))
        return x.permute(0, 3, 1, 2)
