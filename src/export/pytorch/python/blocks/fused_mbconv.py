from torch import nn

from ..layers.convolution import conv2d
from ..layers.residual import DropPath, SqueezeExcite, hidden_of


class FusedMBConv(nn.Module):
    """Wide convolution, squeeze-excitation, projection (https://openreview.net/forum?id=r0eSCJ6qsL)."""

    def __init__(
        self,
        in_chs,
        out_chs,
        stride=1,
        expand=4.0,
        kernel=3,
        se=0.25,
        se_of_input=False,
        act=nn.GELU,
        project_norm=True,
        padding="same",
        eps=1e-5,
    ):
        super().__init__()
        hidden = hidden_of(in_chs, expand)
        self.residual = stride == 1 and in_chs == out_chs
        self.expand = conv2d(in_chs, hidden, kernel, stride, padding=padding)
        self.expand_norm = nn.BatchNorm2d(hidden, eps=eps)
        self.act = act()
        self.se = (
            SqueezeExcite(hidden, hidden_of(in_chs if se_of_input else hidden, se), act)
            if se
            else nn.Identity()
        )
        self.project = conv2d(hidden, out_chs, bias=not project_norm)
        self.project_norm = nn.BatchNorm2d(out_chs, eps=eps) if project_norm else nn.Identity()
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.se(self.act(self.expand_norm(self.expand(x))))
        y = self.project_norm(self.project(y))
        return x + self.drop_path(y) if self.residual else y
