from torch import nn

from ..layers.convolution import conv2d
from ..layers.norms import GlobalResponseNorm
from ..layers.residual import DropPath, SqueezeExcite, layer_scale_of, scale_channels


class UniRepLKNetBlock(nn.Module):
    """Large depthwise kernel with dilated branches beside it, MLP (https://arxiv.org/abs/2311.15599).

    `dilated`: kernel and dilation of each branch; `merged`: the inference form, branches and norms folded in.
    """

    def __init__(self, dim, kernel=13, dilated=(), merged=False, mlp_ratio=4.0, layer_scale=1e-6):
        super().__init__()
        hidden = max(1, int(mlp_ratio * dim))
        self.large = conv2d(dim, dim, kernel, groups=dim, bias=merged) if kernel else nn.Identity()
        self.large_norm = nn.BatchNorm2d(dim) if dilated else nn.Identity()
        self.branches = [f"dilated{size}x{dilation}" for size, dilation in dilated]
        for name, (size, dilation) in zip(self.branches, dilated):
            setattr(self, name, conv2d(dim, dim, size, dilation=dilation, groups=dim))
            setattr(self, f"{name}_norm", nn.BatchNorm2d(dim))
        self.norm = nn.BatchNorm2d(dim) if kernel and not merged else nn.Identity()
        self.se = SqueezeExcite(dim, max(1, dim // 4))
        self.expand = nn.Linear(dim, hidden)
        self.act = nn.GELU()
        self.response_norm = GlobalResponseNorm(hidden, offset=not merged)
        self.project = nn.Linear(hidden, dim, bias=merged)
        self.project_norm = nn.Identity() if merged else nn.BatchNorm2d(dim)
        self.layer_scale = None if merged else layer_scale_of(dim, layer_scale)
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.large_norm(self.large(x))
        for name in self.branches:
            y = y + getattr(self, f"{name}_norm")(getattr(self, name)(x))
        y = self.se(self.norm(y)).permute(0, 2, 3, 1)
        y = self.project(self.response_norm(self.act(self.expand(y))))
        y = self.project_norm(y.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return x + self.drop_path(scale_channels(y, self.layer_scale).permute(0, 3, 1, 2))
