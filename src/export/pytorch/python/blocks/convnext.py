from torch import nn

from ..layers.convolution import conv2d
from ..layers.residual import DropPath, Mlp, hidden_of, layer_scale_of, scale_channels


class ConvNeXtBlock(nn.Module):
    """Large depthwise convolution, layer norm, inverted bottleneck (https://arxiv.org/abs/2201.03545)."""

    def __init__(self, dim, kernel=7, mlp_ratio=4.0, layer_scale=1e-6, act=nn.GELU, eps=1e-6):
        super().__init__()
        self.depthwise = conv2d(dim, dim, kernel, groups=dim, bias=True)
        self.norm = nn.LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim, hidden_of(dim, mlp_ratio), act=act)
        self.layer_scale = layer_scale_of(dim, layer_scale)
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.depthwise(x).permute(0, 2, 3, 1)
        y = scale_channels(self.mlp(self.norm(y)), self.layer_scale)
        return x + self.drop_path(y.permute(0, 3, 1, 2))
