from torch import nn

from ..layers.convolution import conv2d
from ..layers.residual import DropPath


class PlainConv(nn.Module):
    """One convolution, batch norm and activation (https://arxiv.org/abs/1608.06037)."""

    def __init__(
        self,
        in_chs,
        out_chs,
        stride=1,
        kernel=3,
        act=nn.ReLU,
        residual=False,
        bias=False,
        dropout=0.0,
        padding="same",
        eps=1e-5,
    ):
        super().__init__()
        self.residual = residual and stride == 1 and in_chs == out_chs
        self.conv = conv2d(in_chs, out_chs, kernel, stride, bias=bias, padding=padding)
        self.norm = nn.BatchNorm2d(out_chs, eps=eps)
        self.act = act()
        self.dropout = nn.Dropout(dropout)
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.dropout(self.act(self.norm(self.conv(x))))
        return x + self.drop_path(y) if self.residual else y
