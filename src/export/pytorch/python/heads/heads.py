import torch
import torch.nn.functional as F
from torch import nn

from ..layers.convolution import conv2d


class PoolLinear(nn.Module):
    """Mean over the map, or the class token; norm; linear classifier."""

    def __init__(
        self,
        in_chs,
        num_classes,
        class_token=False,
        norm=nn.LayerNorm,
        norm_first=False,
        hidden=0,
        hidden_act=nn.Tanh,
        eps=1e-6,
    ):
        super().__init__()
        self.class_token = class_token
        self.norm_first = norm_first
        self.norm = norm(in_chs, eps=eps) if norm else nn.Identity()
        self.hidden = nn.Linear(in_chs, hidden) if hidden else nn.Identity()
        self.hidden_act = hidden_act() if hidden else nn.Identity()
        self.classifier = nn.Linear(hidden or in_chs, num_classes)

    def forward(self, x):
        if self.norm_first:
            x = self.norm(x)
        x = x[:, :, 0, 0] if self.class_token else x.mean((2, 3))
        if not self.norm_first:
            x = self.norm(x)
        return self.classifier(self.hidden_act(self.hidden(x)))


class ConvPoolLinear(nn.Module):
    """1x1 convolution, norm and activation, mean over the map, linear classifier."""

    def __init__(self, in_chs, num_classes, width=1024, hidden=0, act=nn.GELU, eps=1e-5):
        super().__init__()
        self.embed = conv2d(in_chs, width)
        self.norm = nn.BatchNorm2d(width, eps=eps)
        self.act = act()
        self.hidden = nn.Linear(width, hidden, bias=False) if hidden else None
        self.hidden_norm = nn.LayerNorm(hidden, eps=eps) if hidden else None
        self.classifier = nn.Linear(hidden or width, num_classes)

    def forward(self, x):
        x = self.act(self.norm(self.embed(x))).mean((2, 3))
        if self.hidden is not None:
            x = self.act(self.hidden_norm(self.hidden(x)))
        return self.classifier(x)


class ActPoolLinear(nn.Module):
    """Activation, mean over the map, linear classifier (https://arxiv.org/abs/1707.07012)."""

    def __init__(self, in_chs, num_classes, act=nn.ReLU):
        super().__init__()
        self.act = act()
        self.classifier = nn.Linear(in_chs, num_classes)

    def forward(self, x):
        return self.classifier(self.act(x).mean((2, 3)))


class ToImage(nn.Module):
    """Norm, activation and a convolution to an image."""

    def __init__(self, in_chs, out_chs, kernel=3, norm=nn.BatchNorm2d, act=nn.SiLU, eps=1e-5):
        super().__init__()
        self.norm = norm(in_chs, eps=eps) if norm else nn.Identity()
        self.act = act()
        self.conv = conv2d(in_chs, out_chs, kernel, bias=True)

    def forward(self, x):
        return self.conv(self.act(self.norm(x)))


class UPerNet(nn.Module):
    """Pyramid pooling and a feature pyramid, logits per pixel (https://arxiv.org/abs/1807.10221)."""

    def __init__(self, in_chs, num_classes, width=512, bins=(1, 2, 3, 6), scale=4, dropout=0.1):
        super().__init__()
        self.bins = bins
        self.scale = scale
        self.levels = len(in_chs)
        for k, channels in enumerate(in_chs[:-1], 1):
            self.add_unit(f"lateral{k}", channels, width, 1)
            self.add_unit(f"level{k}", width, width, 3)
        for count in bins:
            self.add_unit(f"pool{count}", in_chs[-1], width, 1)
        self.add_unit("bottleneck", in_chs[-1] + len(bins) * width, width, 3)
        self.add_unit("fuse", self.levels * width, width, 3)
        self.dropout = nn.Dropout(dropout)
        self.classifier = conv2d(width, num_classes, bias=True)

    def add_unit(self, name, in_chs, out_chs, kernel):
        setattr(self, name, conv2d(in_chs, out_chs, kernel))
        setattr(self, f"{name}_norm", nn.BatchNorm2d(out_chs))

    def unit(self, name, x):
        return F.relu(getattr(self, f"{name}_norm")(getattr(self, name)(x)))

    @staticmethod
    def resize_to(x, like):
        size = like.shape[-2:]
        return x if x.shape[-2:] == size else F.interpolate(x, size, mode="bilinear")

    def forward(self, maps):
        smallest = maps[-1]
        pooled = [F.adaptive_avg_pool2d(smallest, count) for count in self.bins]
        pooled = [
            self.resize_to(self.unit(f"pool{n}", x), smallest) for n, x in zip(self.bins, pooled)
        ]
        levels = [self.unit(f"lateral{k}", x) for k, x in enumerate(maps[:-1], 1)]
        levels.append(self.unit("bottleneck", torch.cat([smallest, *pooled], 1)))
        for k in range(len(levels) - 2, -1, -1):
            levels[k] = levels[k] + self.resize_to(levels[k + 1], levels[k])
        levels = [self.unit(f"level{k}", x) for k, x in enumerate(levels[:-1], 1)] + levels[-1:]
        x = self.unit("fuse", torch.cat([self.resize_to(x, levels[0]) for x in levels], 1))
        x = self.classifier(self.dropout(x))
        return x if self.scale == 1 else F.interpolate(x, scale_factor=self.scale, mode="bilinear")
