import torch
import torch.nn.functional as F
from torch import nn

from ..layers.attention import join_heads, to_tokens
from ..layers.convolution import conv2d, make_divisible
from ..layers.residual import DropPath, SqueezeExcite


class RepVGGMixer(nn.Module):
    """Depthwise 3x3, depthwise 1x1 and identity in parallel; one convolution where `merged`."""

    def __init__(self, dim, merged=False):
        super().__init__()
        self.merged = merged
        self.depthwise = conv2d(dim, dim, 3, groups=dim, bias=merged)
        if not merged:
            self.depthwise_norm = nn.BatchNorm2d(dim)
            self.pointwise = conv2d(dim, dim, groups=dim)
            self.pointwise_norm = nn.BatchNorm2d(dim)
        self.se = SqueezeExcite(dim, make_divisible(dim / 4))

    def forward(self, x):
        if self.merged:
            return self.se(self.depthwise(x))
        y = self.depthwise_norm(self.depthwise(x)) + self.pointwise_norm(self.pointwise(x))
        return self.se(y + x)


class LSConv(nn.Module):
    """A large kernel perceives 3x3 weights for each pixel, which aggregate its neighbours."""

    def __init__(self, dim, kernel=7, groups=8):
        super().__init__()
        half = dim // 2
        self.groups = groups
        self.reduce = conv2d(dim, half)
        self.reduce_norm = nn.BatchNorm2d(half)
        self.perceive = conv2d(half, half, kernel, groups=half)
        self.perceive_norm = nn.BatchNorm2d(half)
        self.mix = conv2d(half, half)
        self.mix_norm = nn.BatchNorm2d(half)
        self.weights = conv2d(half, 9 * dim // groups, bias=True)
        self.weights_norm = nn.GroupNorm(dim // groups, 9 * dim // groups)
        self.norm = nn.BatchNorm2d(dim)

    def forward(self, x):
        b, c, h, w = x.shape
        y = F.relu(self.reduce_norm(self.reduce(x)))
        y = self.perceive_norm(self.perceive(y))
        y = F.relu(self.mix_norm(self.mix(y)))
        weights = self.weights_norm(self.weights(y)).reshape(b, 1, c // self.groups, 9, h, w)
        neighbours = F.unfold(x, 3, padding=1).reshape(b, self.groups, c // self.groups, 9, h, w)
        return self.norm((neighbours * weights).sum(3).reshape(b, c, h, w)) + x


class LeViTAttention(nn.Module):
    """LeViT's attention with a depthwise 3x3 on the queries and a bias for each absolute offset."""

    def __init__(self, dim, size, heads=4, key_dim=16):
        super().__init__()
        self.heads = heads
        self.keys = heads * key_dim
        self.qkv = conv2d(dim, 2 * self.keys + dim)
        self.qkv_norm = nn.BatchNorm2d(2 * self.keys + dim)
        self.query = conv2d(self.keys, self.keys, 3, groups=self.keys)
        self.query_norm = nn.BatchNorm2d(self.keys)
        self.project = conv2d(dim, dim)
        self.project_norm = nn.BatchNorm2d(dim)
        self.drop_path = DropPath()
        height, width = size
        self.bias_table = nn.Parameter(torch.zeros(heads, height * width))
        y = torch.arange(height).repeat_interleave(width)
        x = torch.arange(width).repeat(height)
        index = (y[:, None] - y).abs() * width + (x[:, None] - x).abs()
        self.register_buffer("bias_index", index, persistent=False)

    def split(self, x):
        return to_tokens(x).unflatten(2, (self.heads, -1)).transpose(1, 2)

    def forward(self, x):
        h, w = x.shape[-2:]
        q, k, v = self.qkv_norm(self.qkv(x)).split([self.keys, self.keys, x.shape[1]], 1)
        q = self.query_norm(self.query(q))
        bias = self.bias_table[:, self.bias_index][None].to(q.dtype)
        y = F.scaled_dot_product_attention(
            self.split(q), self.split(k), self.split(v), attn_mask=bias
        )
        y = join_heads(y).transpose(1, 2).unflatten(2, (h, w))
        return x + self.drop_path(self.project_norm(self.project(F.relu(y))))


class LSNetBlock(nn.Module):
    """A token mixer, then a narrow MLP of 1x1 convolutions (https://arxiv.org/abs/2503.23135)."""

    def __init__(self, dim, mixer, mlp_ratio=2.0):
        super().__init__()
        hidden = max(1, int(mlp_ratio * dim))
        self.mixer = mixer
        self.expand = conv2d(dim, hidden)
        self.expand_norm = nn.BatchNorm2d(hidden)
        self.project = conv2d(hidden, dim)
        self.project_norm = nn.BatchNorm2d(dim)
        self.drop_path = DropPath()

    def forward(self, x):
        x = self.mixer(x)
        y = F.relu(self.expand_norm(self.expand(x)))
        return x + self.drop_path(self.project_norm(self.project(y)))
