"""Convolutions and pooling with TensorFlow's `same` padding."""

import math

import torch.nn.functional as F
from torch import nn


def pad_same(x, kernel, stride, dilation=1, value=0.0):
    """Pads as few pixels as the output needs, the odd one at the end: TensorFlow's `same`."""
    pads = []
    for size in (x.shape[-1], x.shape[-2]):
        total = max((math.ceil(size / stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value) if any(pads) else x


class Conv2dSame(nn.Conv2d):
    """Convolution with TensorFlow's `same` padding, which is asymmetric at stride 2."""

    def forward(self, x):
        return super().forward(pad_same(x, self.kernel_size[0], self.stride[0], self.dilation[0]))


def conv2d(in_chs, out_chs, kernel=1, stride=1, dilation=1, groups=1, bias=False, padding="same"):
    """`padding`: "same" (TensorFlow's), "symmetric" (kernel // 2 where it strides), "valid", or pixels."""
    options = {"stride": stride, "dilation": dilation, "groups": groups, "bias": bias}
    if isinstance(padding, int):
        return nn.Conv2d(in_chs, out_chs, kernel, padding=padding, **options)
    if padding == "valid" or kernel == 1:
        return nn.Conv2d(in_chs, out_chs, kernel, **options)
    if padding == "symmetric" and stride > 1:
        return nn.Conv2d(in_chs, out_chs, kernel, padding=kernel // 2, **options)
    if stride == 1 and kernel % 2 == 1:
        return nn.Conv2d(in_chs, out_chs, kernel, padding=dilation * (kernel // 2), **options)
    return Conv2dSame(in_chs, out_chs, kernel, **options)


class PointwiseLinear(nn.Linear):
    """Linear layer over the channels of a map [b, c, h, w], as a 1x1 convolution."""

    def forward(self, x):
        return F.conv2d(x, self.weight[:, :, None, None], self.bias)


class MaxPool2dSame(nn.Module):
    """Maximum with TensorFlow's `same` padding."""

    def __init__(self, window, stride):
        super().__init__()
        self.window = window
        self.stride = stride

    def forward(self, x):
        return F.max_pool2d(
            pad_same(x, self.window, self.stride, value=float("-inf")), self.window, self.stride
        )


def max_pool2d(window, stride, padding="same"):
    """`padding`: "same" (TensorFlow's) or "symmetric" (window // 2 where it strides)."""
    if window % 2 == 1 and (stride == 1 or padding == "symmetric"):
        return nn.MaxPool2d(window, stride, padding=window // 2)
    return MaxPool2dSame(window, stride)


def mean_pool(stride):
    """2x2 mean where it strides, sizes rounded up."""
    if stride == 1:
        return nn.Identity()
    return nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)


class ConvTranspose2dSame(nn.ConvTranspose2d):
    """Transposed convolution whose output is `stride` times as large."""

    def __init__(self, in_chs, out_chs, kernel, stride):
        super().__init__(in_chs, out_chs, kernel, stride, padding=max(kernel - stride, 0) // 2)

    def forward(self, x):
        h, w = x.shape[-2:]
        return super().forward(x)[:, :, : h * self.stride[0], : w * self.stride[1]]


def make_divisible(value, divisor=8):
    """Nearest multiple of `divisor`, at least 0.9 of `value`, as in MobileNet's code."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def scaled(size, stride):
    """Height and width after a stride, rounded up."""
    return tuple(math.ceil(side / stride) for side in size)
