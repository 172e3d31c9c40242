from torch import nn

from ..layers.convolution import conv2d, max_pool2d
from ..layers.windows import pad_to_multiple


class ConvDownsample(nn.Module):
    """Strided convolution with a norm after or before it."""

    def __init__(
        self,
        in_chs,
        out_chs,
        kernel=3,
        stride=2,
        norm=nn.BatchNorm2d,
        norm_first=False,
        act=nn.Identity,
        bias=False,
        padding="same",
        eps=1e-5,
    ):
        super().__init__()
        self.norm_first = norm_first
        self.conv = conv2d(in_chs, out_chs, kernel, stride, bias=bias, padding=padding)
        self.norm = norm(in_chs if norm_first else out_chs, eps=eps) if norm else nn.Identity()
        self.act = act()

    def forward(self, x):
        return self.act(self.conv(self.norm(x)) if self.norm_first else self.norm(self.conv(x)))


class MaxPoolDownsample(nn.Module):
    """Strided maximum; a 1x1 convolution and norm where the width changes."""

    def __init__(self, in_chs, out_chs, window=2, stride=2, padding="same"):
        super().__init__()
        self.pool = max_pool2d(window, stride, padding)
        self.project = conv2d(in_chs, out_chs) if in_chs != out_chs else nn.Identity()
        self.norm = nn.BatchNorm2d(out_chs) if in_chs != out_chs else nn.Identity()

    def forward(self, x):
        return self.norm(self.project(self.pool(x)))


class SeparableDownsample(nn.Module):
    """Strided depthwise convolution, then 1x1, each with a norm (https://arxiv.org/abs/2503.23135)."""

    def __init__(self, in_chs, out_chs, kernel=3, padding="same", eps=1e-5):
        super().__init__()
        self.depthwise = conv2d(in_chs, in_chs, kernel, 2, groups=in_chs, padding=padding)
        self.depthwise_norm = nn.BatchNorm2d(in_chs, eps=eps)
        self.pointwise = conv2d(in_chs, out_chs)
        self.pointwise_norm = nn.BatchNorm2d(out_chs, eps=eps)

    def forward(self, x):
        x = self.depthwise_norm(self.depthwise(x))
        return self.pointwise_norm(self.pointwise(x))


class ExpandingDownsample(nn.Module):
    """Strided depthwise convolution with several outputs a channel (https://arxiv.org/abs/2103.16302)."""

    def __init__(self, in_chs, out_chs, kernel=3, padding="same"):
        super().__init__()
        self.depthwise = conv2d(
            in_chs, out_chs, kernel, 2, groups=in_chs, bias=True, padding=padding
        )

    def forward(self, x):
        return self.depthwise(x)


class PatchMerge(nn.Module):
    """2x2 pixels side by side, layer norm, linear layer (https://arxiv.org/abs/2103.14030)."""

    def __init__(self, in_chs, out_chs, eps=1e-5):
        super().__init__()
        self.norm = nn.LayerNorm(4 * in_chs, eps=eps)
        self.project = nn.Linear(4 * in_chs, out_chs, bias=False)

    def forward(self, x):
        x = pad_to_multiple(x.permute(0, 2, 3, 1), (2, 2))
        b, h, w, c = x.shape
        x = x.reshape(b, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 4, 2, 5).flatten(3)
        return self.project(self.norm(x)).permute(0, 3, 1, 2)
