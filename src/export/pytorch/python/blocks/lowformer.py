import torch.nn.functional as F
from torch import nn

from ..layers.attention import join_heads
from ..layers.convolution import ConvTranspose2dSame, conv2d
from ..layers.residual import DropPath, hidden_of


class LowAttention(nn.Module):
    """Attention at a resolution lower by `stride`, on half of the channels."""

    def __init__(self, dim, stride=2):
        super().__init__()
        self.heads = max(1, int(dim * 0.5 / 30))
        head_dim = int(dim // self.heads * 0.5)
        self.norm = nn.GroupNorm(1, dim)
        self.down = conv2d(
            dim, dim, 5 if stride > 1 else 3, stride, groups=dim, padding="symmetric"
        )
        self.down_norm = nn.BatchNorm2d(dim)
        self.qkv = conv2d(dim, 3 * self.heads * head_dim)
        self.up = ConvTranspose2dSame(
            self.heads * head_dim, dim, 3 if stride == 1 else 2 * stride, stride
        )

    def forward(self, x):
        height, width = x.shape[-2:]
        y = self.qkv(self.down_norm(self.down(self.norm(x))))
        h, w = y.shape[-2:]
        qkv = y.flatten(2).transpose(1, 2).unflatten(2, (self.heads, -1)).transpose(1, 2)
        y = join_heads(F.scaled_dot_product_attention(*qkv.chunk(3, -1)))
        y = self.up(y.transpose(1, 2).unflatten(2, (h, w)))
        return y[:, :, :height, :width]


class ConvMlp(nn.Module):
    """Norm and an MLP of 1x1 convolutions."""

    def __init__(self, dim, hidden):
        super().__init__()
        self.norm = nn.GroupNorm(1, dim)
        self.expand = conv2d(dim, hidden, bias=True)
        self.project = conv2d(hidden, dim, bias=True)

    def forward(self, x):
        return self.project(F.gelu(self.expand(self.norm(x))))


class LocalBlock(nn.Module):
    """A full 3x3 convolution where `fused`, else 1x1 and depthwise 3x3; then a projection."""

    def __init__(self, dim, fused=True, expand=4.0, act=nn.Hardswish):
        super().__init__()
        hidden = int(expand * dim + 0.5)
        self.act = act()
        self.expand = conv2d(dim, hidden, 3 if fused else 1, bias=True)
        self.expand_norm = nn.BatchNorm2d(hidden) if fused else nn.Identity()
        self.depthwise = None if fused else conv2d(hidden, hidden, 3, groups=hidden, bias=True)
        self.project = conv2d(hidden, dim)
        self.project_norm = nn.BatchNorm2d(dim)

    def forward(self, x):
        x = self.act(self.expand_norm(self.expand(x)))
        if self.depthwise is not None:
            x = self.act(self.depthwise(x))
        return self.project_norm(self.project(x))


class LowFormerBlock(nn.Module):
    """Attention at low resolution, MLP, local block (https://arxiv.org/abs/2409.03460).

    `local`: "fused", "depthwise", or None for no local block.
    """

    def __init__(self, dim, stride=2, expand=4.0, mlp_ratio=4.0, local="fused", act=nn.Hardswish):
        super().__init__()
        self.attention = LowAttention(dim, stride)
        self.mlp = ConvMlp(dim, hidden_of(dim, mlp_ratio))
        self.local = LocalBlock(dim, local == "fused", expand, act) if local else None
        self.drop_path = DropPath()

    def forward(self, x):
        x = x + self.drop_path(self.attention(x))
        x = x + self.drop_path(self.mlp(x))
        return x if self.local is None else x + self.drop_path(self.local(x))
