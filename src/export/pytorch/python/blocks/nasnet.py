import torch
import torch.nn.functional as F
from torch import nn

from ..layers.convolution import conv2d, max_pool2d, pad_same
from ..layers.residual import DropPath


class MeanPool3x3(nn.Module):
    """3x3 mean; padding is left out of it, or counts as 0 where `padded`."""

    def __init__(self, stride=1, padded=False):
        super().__init__()
        self.stride = stride
        self.padded = padded and stride > 1

    def forward(self, x):
        mean = F.avg_pool2d(pad_same(x, 3, self.stride), 3, self.stride)
        if self.padded:
            return mean
        inside = F.avg_pool2d(pad_same(torch.ones_like(x[:1, :1]), 3, self.stride), 3, self.stride)
        return mean / inside


class SeparableConv(nn.Module):
    """Twice: ReLU, depthwise convolution, 1x1, norm."""

    def __init__(self, in_chs, out_chs, kernel, stride=1, eps=1e-3):
        super().__init__()
        self.depthwise1 = conv2d(in_chs, in_chs, kernel, stride, groups=in_chs)
        self.pointwise1 = conv2d(in_chs, out_chs)
        self.norm1 = nn.BatchNorm2d(out_chs, eps=eps)
        self.depthwise2 = conv2d(out_chs, out_chs, kernel, groups=out_chs)
        self.pointwise2 = conv2d(out_chs, out_chs)
        self.norm2 = nn.BatchNorm2d(out_chs, eps=eps)

    def forward(self, x):
        x = self.norm1(self.pointwise1(self.depthwise1(F.relu(x))))
        return self.norm2(self.pointwise2(self.depthwise2(F.relu(x))))


class NASNetCell(nn.Module):
    """What both of NASNet-A's cells share (https://arxiv.org/abs/1707.07012)."""

    def __init__(
        self,
        in_chs,
        filters,
        previous_chs=None,
        halve_previous=False,
        project_input=False,
        eps=1e-3,
    ):
        super().__init__()
        self.halve_previous = halve_previous
        self.has_previous = previous_chs is not None
        self.present = conv2d(in_chs, filters)
        self.present_norm = nn.BatchNorm2d(filters, eps=eps)
        if halve_previous:
            self.previous1 = conv2d(previous_chs, filters // 2)
            self.previous2 = conv2d(previous_chs, filters - filters // 2)
            self.previous_norm = nn.BatchNorm2d(filters, eps=eps)
        elif self.has_previous or project_input:
            self.previous = conv2d(previous_chs or in_chs, filters)
            self.previous_norm = nn.BatchNorm2d(filters, eps=eps)
        self.drop_path = DropPath()

    def inputs(self, x, previous):
        """The input and the map before it, both projected to `filters` channels."""
        if self.halve_previous:
            even = F.relu(previous)
            odd = F.pad(even[:, :, 1:, 1:], (0, 1, 0, 1))
            halves = [self.previous1(even[:, :, ::2, ::2]), self.previous2(odd[:, :, ::2, ::2])]
            previous = self.previous_norm(torch.cat(halves, 1))
        elif hasattr(self, "previous"):
            previous = self.previous_norm(
                self.previous(F.relu(previous if self.has_previous else x))
            )
        else:
            previous = x
        return self.present_norm(self.present(F.relu(x))), previous


class NormalCell(NASNetCell):
    """Six maps of `filters` channels at the same resolution."""

    def __init__(self, in_chs, out_chs, previous_chs=None, halve_previous=False, eps=1e-3):
        filters = out_chs // 6
        super().__init__(in_chs, filters, previous_chs, halve_previous, True, eps)
        self.left0 = SeparableConv(filters, filters, 5, eps=eps)
        self.right0 = SeparableConv(filters, filters, 3, eps=eps)
        self.left1 = SeparableConv(filters, filters, 5, eps=eps)
        self.right1 = SeparableConv(filters, filters, 3, eps=eps)
        self.left4 = SeparableConv(filters, filters, 3, eps=eps)
        self.mean = MeanPool3x3()

    def forward(self, x, previous=None):
        drop = self.drop_path
        x, previous = self.inputs(x, previous)
        c0 = drop(self.left0(x)) + drop(self.right0(previous))
        c1 = drop(self.left1(previous)) + drop(self.right1(previous))
        c2 = drop(self.mean(x)) + previous
        c3 = drop(self.mean(previous)) + drop(self.mean(previous))
        c4 = drop(self.left4(x)) + x
        return torch.cat([previous, c0, c1, c2, c3, c4], 1)


class ReductionCell(NASNetCell):
    """Four maps of `filters` channels, which may halve the resolution."""

    def __init__(
        self,
        in_chs,
        out_chs,
        stride=1,
        previous_chs=None,
        halve_previous=False,
        padded_mean=False,
        eps=1e-3,
    ):
        filters = out_chs // 4
        super().__init__(in_chs, filters, previous_chs, halve_previous, False, eps)
        before = filters if self.has_previous else in_chs
        self.left0 = SeparableConv(filters, filters, 5, stride, eps)
        self.right0 = SeparableConv(before, filters, 7, stride, eps)
        self.right1 = SeparableConv(before, filters, 7, stride, eps)
        self.right2 = SeparableConv(before, filters, 5, stride, eps)
        self.left4 = SeparableConv(filters, filters, 3, eps=eps)
        self.mean = MeanPool3x3(stride, padded_mean)
        self.inner_mean = MeanPool3x3()
        self.max = max_pool2d(3, stride)

    def forward(self, x, previous=None):
        drop = self.drop_path
        x, previous = self.inputs(x, previous)
        c0 = drop(self.left0(x)) + drop(self.right0(previous))
        c1 = drop(self.max(x)) + drop(self.right1(previous))
        c2 = drop(self.mean(x)) + drop(self.right2(previous))
        c3 = drop(self.inner_mean(c0)) + c1
        c4 = drop(self.left4(c0)) + drop(self.max(x))
        return torch.cat([c1, c2, c3, c4], 1)
