from torch import nn

from ..layers.convolution import conv2d, max_pool2d, mean_pool
from ..layers.residual import DropPath, hidden_of, layer_scale_of


def residual_shortcut(block, in_chs, out_chs, stride, eps):
    """Gives a block the shortcut that its change of shape needs."""
    changes = stride != 1 or in_chs != out_chs
    block.shortcut = conv2d(in_chs, out_chs, 1, stride) if changes else nn.Identity()
    block.shortcut_norm = nn.BatchNorm2d(out_chs, eps=eps) if changes else nn.Identity()


class BasicBlock(nn.Module):
    """ResNet's block of two convolutions (https://arxiv.org/abs/1512.03385)."""

    def __init__(
        self, in_chs, out_chs, stride=1, kernel=3, act=nn.ReLU, bias=False, padding="same", eps=1e-5
    ):
        super().__init__()
        self.conv1 = conv2d(in_chs, out_chs, kernel, stride, bias=bias, padding=padding)
        self.norm1 = nn.BatchNorm2d(out_chs, eps=eps)
        self.conv2 = conv2d(out_chs, out_chs, kernel, bias=bias)
        self.norm2 = nn.BatchNorm2d(out_chs, eps=eps)
        residual_shortcut(self, in_chs, out_chs, stride, eps)
        self.act = act()
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.norm2(self.conv2(self.act(self.norm1(self.conv1(x)))))
        return self.act(self.shortcut_norm(self.shortcut(x)) + self.drop_path(y))


class FasterViTConvBlock(nn.Module):
    """FasterViT's block of two convolutions, without a last activation (https://arxiv.org/abs/2306.06189)."""

    def __init__(
        self,
        in_chs,
        out_chs,
        stride=1,
        kernel=3,
        act=nn.GELU,
        bias=False,
        layer_scale=0.0,
        padding="same",
        eps=1e-5,
    ):
        super().__init__()
        self.conv1 = conv2d(in_chs, out_chs, kernel, stride, bias=bias, padding=padding)
        self.norm1 = nn.BatchNorm2d(out_chs, eps=eps)
        self.conv2 = conv2d(out_chs, out_chs, kernel, bias=bias)
        self.norm2 = nn.BatchNorm2d(out_chs, eps=eps)
        self.layer_scale = layer_scale_of(out_chs, layer_scale)
        residual_shortcut(self, in_chs, out_chs, stride, eps)
        self.act = act()
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.norm2(self.conv2(self.act(self.norm1(self.conv1(x)))))
        if self.layer_scale is not None:
            y = y * self.layer_scale[:, None, None]
        return self.shortcut_norm(self.shortcut(x)) + self.drop_path(y)


class Bottleneck(nn.Module):
    """ResNet's bottleneck: 1x1, kxk, 1x1 (https://arxiv.org/abs/1512.03385)."""

    def __init__(
        self, in_chs, out_chs, stride=1, kernel=3, ratio=0.25, act=nn.ReLU, padding="same", eps=1e-5
    ):
        super().__init__()
        inside = hidden_of(out_chs, ratio)
        self.conv1 = conv2d(in_chs, inside)
        self.norm1 = nn.BatchNorm2d(inside, eps=eps)
        self.conv2 = conv2d(inside, inside, kernel, stride, padding=padding)
        self.norm2 = nn.BatchNorm2d(inside, eps=eps)
        self.conv3 = conv2d(inside, out_chs)
        self.norm3 = nn.BatchNorm2d(out_chs, eps=eps)
        residual_shortcut(self, in_chs, out_chs, stride, eps)
        self.act = act()
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.act(self.norm1(self.conv1(x)))
        y = self.act(self.norm2(self.conv2(y)))
        y = self.norm3(self.conv3(y))
        return self.act(self.shortcut_norm(self.shortcut(x)) + self.drop_path(y))


class PfBottleneck(nn.Module):
    """A bottleneck with a parameter-free 3x3 maximum in the middle (https://arxiv.org/abs/2202.02777)."""

    def __init__(
        self, in_chs, out_chs, stride=1, ratio=0.25, act=nn.ReLU, padding="same", eps=1e-5
    ):
        super().__init__()
        inside = hidden_of(out_chs, ratio)
        self.conv1 = conv2d(in_chs, inside)
        self.norm1 = nn.BatchNorm2d(inside, eps=eps)
        self.pool = max_pool2d(3, stride, padding)
        self.conv3 = conv2d(inside, out_chs)
        self.norm3 = nn.BatchNorm2d(out_chs, eps=eps)
        residual_shortcut(self, in_chs, out_chs, stride, eps)
        self.act = act()
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.pool(self.act(self.norm1(self.conv1(x))))
        y = self.norm3(self.conv3(y))
        return self.act(self.shortcut_norm(self.shortcut(x)) + self.drop_path(y))


class PooledBottleneck(Bottleneck):
    """A bottleneck that halves the map by a 2x2 mean before its kxk convolution."""

    def __init__(self, in_chs, out_chs, kernel=3, ratio=0.25, act=nn.ReLU, eps=1e-5):
        super().__init__(in_chs, out_chs, 1, kernel, ratio, act, eps=eps)
        self.pool = mean_pool(2)
        residual_shortcut(self, in_chs, out_chs, 2, eps)

    def forward(self, x):
        y = self.pool(self.act(self.norm1(self.conv1(x))))
        y = self.act(self.norm2(self.conv2(y)))
        y = self.norm3(self.conv3(y))
        return self.act(self.shortcut_norm(self.shortcut(x)) + self.drop_path(y))
