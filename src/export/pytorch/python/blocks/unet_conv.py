from torch import nn

from ..layers.convolution import conv2d
from ..layers.residual import DropPath, SqueezeExcite, hidden_of


class UNetConv(nn.Module):
    """AsCAN's convolutional block with the time vector added (https://openreview.net/forum?id=r0eSCJ6qsL)."""

    def __init__(
        self, in_chs, out_chs, stride=1, time_dim=None, expand=4.0, kernel=3, se=0.25, act=nn.GELU
    ):
        super().__init__()
        hidden = hidden_of(in_chs, expand)
        self.residual = stride == 1 and in_chs == out_chs
        self.expand = conv2d(in_chs, hidden, kernel, stride)
        self.expand_norm = nn.BatchNorm2d(hidden)
        self.time = nn.Linear(time_dim, hidden) if time_dim else None
        self.act = act()
        self.se = SqueezeExcite(hidden, hidden_of(hidden, se), act) if se else nn.Identity()
        self.project = conv2d(hidden, out_chs)
        self.project_norm = nn.BatchNorm2d(out_chs)
        self.drop_path = DropPath()

    def forward(self, x, time=None, tokens=None):
        y = self.expand_norm(self.expand(x))
        if self.time is not None:
            y = y + self.time(time)[:, :, None, None]
        y = self.project_norm(self.project(self.se(self.act(y))))
        return x + self.drop_path(y) if self.residual else y
