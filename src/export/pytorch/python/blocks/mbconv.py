from torch import nn

from ..layers.convolution import conv2d, mean_pool
from ..layers.residual import DropPath, InPlaceSiLU, SqueezeExcite, expanded_width, hidden_of


class MBConv(nn.Module):
    """Inverted residual with a depthwise convolution (https://arxiv.org/abs/1905.11946)."""

    def __init__(
        self,
        in_chs,
        out_chs,
        stride=1,
        expand=4.0,
        kernel=3,
        se=0.25,
        act=InPlaceSiLU,
        round_to=1,
        padding="same",
        eps=1e-5,
    ):
        super().__init__()
        hidden = expanded_width(in_chs, expand, round_to)
        self.residual = stride == 1 and in_chs == out_chs
        self.expand = None
        if expand != 1:
            self.expand = conv2d(in_chs, hidden)
            self.expand_norm = nn.BatchNorm2d(hidden, eps=eps)
        else:
            hidden = in_chs
        self.depthwise = conv2d(hidden, hidden, kernel, stride, groups=hidden, padding=padding)
        self.depthwise_norm = nn.BatchNorm2d(hidden, eps=eps)
        self.se = SqueezeExcite(hidden, hidden_of(in_chs, se), act) if se else nn.Identity()
        self.project = conv2d(hidden, out_chs)
        self.project_norm = nn.BatchNorm2d(out_chs, eps=eps)
        self.act = act()
        self.drop_path = DropPath()

    def forward(self, x):
        y = x
        if self.expand is not None:
            y = self.act(self.expand_norm(self.expand(y)))
        y = self.se(self.act(self.depthwise_norm(self.depthwise(y))))
        y = self.project_norm(self.project(y))
        return x + self.drop_path(y) if self.residual else y


class MaxViTConv(nn.Module):
    """MaxViT's inverted residual: norm first, mean in the shortcut (https://arxiv.org/abs/2204.01697)."""

    def __init__(
        self,
        in_chs,
        out_chs,
        stride=1,
        expand=4.0,
        kernel=3,
        se=0.25,
        act=InPlaceSiLU,
        round_to=1,
        padding="same",
        eps=1e-5,
    ):
        super().__init__()
        hidden = expanded_width(out_chs, expand, round_to)
        self.pool = mean_pool(stride)
        self.shortcut = conv2d(in_chs, out_chs, bias=True) if in_chs != out_chs else nn.Identity()
        self.norm = nn.BatchNorm2d(in_chs, eps=eps)
        self.expand = conv2d(in_chs, hidden)
        self.expand_norm = nn.BatchNorm2d(hidden, eps=eps)
        self.depthwise = conv2d(hidden, hidden, kernel, stride, groups=hidden, padding=padding)
        self.depthwise_norm = nn.BatchNorm2d(hidden, eps=eps)
        self.se = SqueezeExcite(hidden, hidden_of(out_chs, se), nn.SiLU) if se else nn.Identity()
        self.project = conv2d(hidden, out_chs, bias=True)
        self.act = act()
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.act(self.expand_norm(self.expand(self.norm(x))))
        y = self.se(self.act(self.depthwise_norm(self.depthwise(y))))
        return self.shortcut(self.pool(x)) + self.drop_path(self.project(y))


class CoAtNetConv(nn.Module):
    """The inverted residual of timm's CoAtNets: a mean in place of the stride."""

    def __init__(
        self,
        in_chs,
        out_chs,
        stride=1,
        expand=4.0,
        kernel=3,
        se=0.25,
        act=InPlaceSiLU,
        round_to=1,
        eps=1e-5,
    ):
        super().__init__()
        hidden = expanded_width(in_chs, expand, round_to)
        self.pool = mean_pool(stride)
        self.shortcut = conv2d(in_chs, out_chs) if in_chs != out_chs else nn.Identity()
        self.norm = nn.BatchNorm2d(in_chs, eps=eps)
        self.expand = conv2d(in_chs, hidden)
        self.expand_norm = nn.BatchNorm2d(hidden, eps=eps)
        self.depthwise = conv2d(hidden, hidden, kernel, groups=hidden)
        self.se = SqueezeExcite(hidden, max(1, int(se * hidden))) if se else nn.Identity()
        self.depthwise_norm = nn.BatchNorm2d(hidden, eps=eps)
        self.project = conv2d(hidden, out_chs)
        self.act = act()
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.pool(self.act(self.norm(x)))
        y = self.act(self.expand_norm(self.expand(y)))
        y = self.act(self.depthwise_norm(self.se(self.depthwise(y))))
        return self.shortcut(self.pool(x)) + self.drop_path(self.project(y))
