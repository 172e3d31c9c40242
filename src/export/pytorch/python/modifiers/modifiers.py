import torch
from torch import nn

from ..blocks.scse import ChannelPixelGate
from ..layers.residual import DropPath, SqueezeExcite


def with_drop_path(block, rate):
    """Gives a block a stochastic-depth rate of its own (https://arxiv.org/abs/1603.09382)."""
    for module in block.modules():
        if isinstance(module, DropPath):
            module.rate = rate
            module.own_rate = True
    return block


class PointwiseNorm(nn.Conv2d):
    """The 1x1 convolution and norm of a re-parameterised convolution."""

    def __init__(self, conv):
        super().__init__(conv.in_channels, conv.out_channels, 1, groups=conv.groups, bias=False)
        self.norm = nn.BatchNorm2d(conv.out_channels)

    def forward(self, x):
        return self.norm(super().forward(x))


class ChannelBias(nn.Module):
    """The bias that a re-parameterised convolution was merged to."""

    def __init__(self, conv):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(conv.out_channels))

    def forward(self, x):
        return self.bias[:, None, None]


def with_reparam(block, merged=False):
    """Adds a 1x1 convolution and norm beside larger ones (https://arxiv.org/abs/2101.03697)."""
    for conv in list(block.modules()):
        if isinstance(conv, nn.Conv2d) and conv.kernel_size[0] > 1 and conv.stride[0] == 1:
            span = conv.dilation[0] * (conv.kernel_size[0] - 1)
            if conv.kernel_size[0] % 2 == 1 and 2 * conv.padding[0] == span:
                conv.reparam = ChannelBias(conv) if merged else PointwiseNorm(conv)
                conv.register_forward_hook(lambda module, args, y: y + module.reparam(args[0]))
    return block


def on_branch(x, y, change):
    """Applies `change` to what a block adds to its input, or to its output where the shape changes."""
    return x + change(y - x) if x.shape == y.shape else change(y)


class WithSqueezeExcite(nn.Module):
    """Squeeze-and-excitation on what the block adds (https://arxiv.org/abs/1709.01507)."""

    def __init__(self, block, dim, ratio):
        super().__init__()
        self.block = block
        self.with_se = SqueezeExcite(dim, max(1, int(ratio * dim + 0.5)))

    def forward(self, x, *args):
        return on_branch(x, self.block(x, *args), self.with_se)


class WithLayerScale(nn.Module):
    """A learned factor per channel on what the block adds (https://arxiv.org/abs/2103.17239)."""

    def __init__(self, block, dim, start):
        super().__init__()
        self.block = block
        self.with_layer_scale = nn.Parameter(torch.full((dim,), float(start)))

    def forward(self, x, *args):
        return on_branch(
            x, self.block(x, *args), lambda y: y * self.with_layer_scale[:, None, None]
        )


class WithChannelPixelGate(nn.Module):
    """Channel gate and pixel gate after the block (https://arxiv.org/abs/1803.02579)."""

    def __init__(self, block, dim, combine="maximum"):
        super().__init__()
        self.block = block
        self.with_scse = ChannelPixelGate(dim, combine=combine)

    def forward(self, x, *args):
        return self.with_scse(self.block(x, *args))


class Parallel(nn.Module):
    """Copies of a block side by side, what they add summed (https://arxiv.org/abs/2309.08414)."""

    def __init__(self, *blocks):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x, *args):
        y = x
        for block in self.blocks:
            y = y + block(x, *args) - x
        return y


class Repeated(nn.Module):
    """One block several times in a row with the same weights (https://arxiv.org/abs/1909.11942)."""

    def __init__(self, block, calls):
        super().__init__()
        self.block = block
        self.calls = calls

    def forward(self, x, *args):
        for _ in range(self.calls):
            x = self.block(x, *args)
        return x
