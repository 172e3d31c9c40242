import torch
from torch import nn

from ..layers.convolution import conv2d
from ..layers.norms import LayerNorm2d
from ..layers.residual import DropPath, Mlp, hidden_of, layer_scale_of, scale_channels


def frequency_filter(x, weight):
    """GFNet's learned filter in the frequency domain (https://arxiv.org/abs/2107.00645)."""
    spectrum = torch.fft.rfft2(x.float(), norm="ortho")
    factor = torch.view_as_complex(weight.float().contiguous()).permute(2, 0, 1)
    return torch.fft.irfft2(spectrum * factor, s=x.shape[-2:], norm="ortho").to(x.dtype)


class GlobalLocalFilter(nn.Module):
    """Half of the channels by a depthwise 3x3, half in the frequency domain, interleaved."""

    def __init__(self, dim, size, eps=1e-6):
        super().__init__()
        half = dim // 2
        self.norm = LayerNorm2d(dim, eps=eps)
        self.local = conv2d(half, half, 3, groups=half)
        self.global_ = nn.Parameter(0.02 * torch.randn(size[0], size[1] // 2 + 1, half, 2))
        self.out_norm = LayerNorm2d(dim, eps=eps)

    def forward(self, x):
        near, far = self.norm(x).chunk(2, 1)
        return self.out_norm(
            torch.stack([self.local(near), frequency_filter(far, self.global_)], 2).flatten(1, 2)
        )


class GnConv(nn.Module):
    """Recursive gated convolution of order n."""

    def __init__(self, dim, order=3, kernel=7, size=None, scale=1 / 3, eps=1e-6):
        super().__init__()
        self.widths = [dim // 2 ** (order - 1 - k) for k in range(order)]
        self.scale = scale
        total = sum(self.widths)
        self.norm = LayerNorm2d(dim, eps=eps)
        self.in_ = conv2d(dim, 2 * dim, bias=True)
        if size is None:
            self.filter = conv2d(total, total, kernel, groups=total, bias=True)
        else:
            self.filter = GlobalLocalFilter(total, size, eps)
        for k in range(1, order):
            setattr(self, f"order{k + 1}", conv2d(self.widths[k - 1], self.widths[k], bias=True))
        self.out = conv2d(dim, dim, bias=True)

    def forward(self, x):
        y, maps = self.in_(self.norm(x)).split([self.widths[0], sum(self.widths)], 1)
        gates = (self.filter(maps) * self.scale).split(self.widths, 1)
        y = y * gates[0]
        for k, gate in enumerate(gates[1:], 2):
            y = getattr(self, f"order{k}")(y) * gate
        return self.out(y)


class HorNetBlock(nn.Module):
    """Recursive gated convolution, then an MLP (https://arxiv.org/abs/2207.14284)."""

    def __init__(
        self,
        dim,
        order=3,
        kernel=7,
        size=None,
        scale=1 / 3,
        mlp_ratio=4.0,
        layer_scale=1e-6,
        eps=1e-6,
    ):
        super().__init__()
        self.gnconv = GnConv(dim, order, kernel, size, scale, eps)
        self.layer_scale1 = layer_scale_of(dim, layer_scale)
        self.mlp_norm = nn.LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim, hidden_of(dim, mlp_ratio))
        self.layer_scale2 = layer_scale_of(dim, layer_scale)
        self.drop_path = DropPath()

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        y = self.gnconv(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        x = x + self.drop_path(scale_channels(y, self.layer_scale1))
        y = self.mlp(self.mlp_norm(x))
        x = x + self.drop_path(scale_channels(y, self.layer_scale2))
        return x.permute(0, 3, 1, 2)
