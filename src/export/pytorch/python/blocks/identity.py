from torch import nn

from ..layers.convolution import conv2d


class IdentityShortcut(nn.Module):
    """A strided 1x1 convolution and norm, where the identity would change the shape."""

    def __init__(self, in_chs, out_chs, stride=1):
        super().__init__()
        self.shortcut = conv2d(in_chs, out_chs, 1, stride)
        self.norm = nn.BatchNorm2d(out_chs)

    def forward(self, x):
        return self.norm(self.shortcut(x))
