import torch
from torch import nn

from ..layers.convolution import conv2d, max_pool2d
from ..layers.norms import LayerNorm2d
from ..layers.tokens import prepend_class_token


class ConvStem(nn.Module):
    """Convolutions with norm and activation, the first ones strided.

    `widths`: output channels of each; `last`: what follows the last one, "norm-act", "norm" or "plain";
    `position`: the map that gets learned positions.
    """

    def __init__(
        self,
        in_chs,
        widths,
        stride=2,
        kernel=3,
        norm=nn.BatchNorm2d,
        act=nn.GELU,
        last="norm-act",
        bias=False,
        position=None,
        padding="same",
        eps=1e-5,
    ):
        super().__init__()
        self.count = len(widths)
        self.act = act()
        for k, width in enumerate(widths, 1):
            step = 2 if 2**k <= stride else 1
            setattr(
                self, f"conv{k}", conv2d(in_chs, width, kernel, step, bias=bias, padding=padding)
            )
            normed = norm is not None and (k < self.count or last != "plain")
            setattr(self, f"norm{k}", norm(width, eps=eps) if normed else nn.Identity())
            in_chs = width
        self.last_act = last == "norm-act"
        self.position = None
        if position is not None:
            self.position = nn.Parameter(torch.zeros(1, *position, widths[-1]))
            nn.init.trunc_normal_(self.position, std=0.02)

    def forward(self, x):
        for k in range(1, self.count + 1):
            x = getattr(self, f"norm{k}")(getattr(self, f"conv{k}")(x))
            if k < self.count or self.last_act:
                x = self.act(x)
        return x if self.position is None else x + self.position.permute(0, 3, 1, 2)


class ConvPoolStem(nn.Module):
    """Large strided convolution, then a strided maximum (https://arxiv.org/abs/1512.03385)."""

    def __init__(self, in_chs, out_chs, kernel=7, act=nn.ReLU, padding="same", eps=1e-5):
        super().__init__()
        self.conv = conv2d(in_chs, out_chs, kernel, 2, padding=padding)
        self.norm = nn.BatchNorm2d(out_chs, eps=eps)
        self.act = act()
        self.pool = max_pool2d(3, 2, padding)

    def forward(self, x):
        return self.pool(self.act(self.norm(self.conv(x))))


class ConvPatchStem(nn.Module):
    """Two 3x3 convolutions at full size, then patches (https://arxiv.org/abs/2205.14375)."""

    def __init__(self, in_chs, out_chs, patch=4):
        super().__init__()
        self.conv1 = conv2d(in_chs, out_chs // 4, 3, bias=True)
        self.conv2 = conv2d(out_chs // 4, out_chs // 2, 3, bias=True)
        self.patch = conv2d(out_chs // 2, out_chs, patch, patch, bias=True, padding="valid")
        self.act = nn.GELU()
        self.norm = nn.BatchNorm2d(out_chs)

    def forward(self, x):
        return self.norm(self.act(self.patch(self.conv2(self.conv1(x)))))


class PatchStem(nn.Module):
    """Patch embedding (https://arxiv.org/abs/2010.11929), with norm, class token and learned positions.

    `kernel` 0: patches do not overlap; `position`: the map that gets positions, the class token included.
    """

    def __init__(
        self,
        in_chs,
        out_chs,
        patch=4,
        kernel=0,
        norm=LayerNorm2d,
        position=None,
        class_token=False,
        bias=True,
        eps=1e-6,
    ):
        super().__init__()
        overlaps = kernel > patch
        self.conv = conv2d(
            in_chs,
            out_chs,
            kernel if overlaps else patch,
            patch,
            bias=bias,
            padding=kernel // 2 if overlaps else "valid",
        )
        self.norm = norm(out_chs, eps=eps) if norm else nn.Identity()
        self.class_token = nn.Parameter(0.02 * torch.randn(out_chs)) if class_token else None
        self.position = None
        if position is not None:
            self.position = nn.Parameter(torch.zeros(1, *position, out_chs))
            nn.init.trunc_normal_(self.position, std=0.02)

    def forward(self, x):
        x = self.norm(self.conv(x))
        if self.class_token is not None:
            x = prepend_class_token(x, self.class_token)
        return x if self.position is None else x + self.position.permute(0, 3, 1, 2)
