"""The benchmark network (bench/runtime/bench-network.ts) in PyTorch, with weights by the same paths."""
import math

import torch
from torch import nn
from torch.nn import functional as F


class Conv(nn.Module):
    """`same` padding as TensorFlow does it: asymmetric at stride 2."""

    def __init__(self, cin, cout, kernel, stride=1, bias=False):
        super().__init__()
        self.kernel, self.stride = kernel, stride
        self.conv = nn.Conv2d(cin, cout, kernel, stride, padding=kernel // 2 if stride == 1 else 0, bias=bias)

    def forward(self, x):
        if self.stride > 1:
            total = self.kernel - self.stride if x.shape[-1] % self.stride == 0 else self.kernel - x.shape[-1] % self.stride
            x = F.pad(x, (total // 2, total - total // 2) * 2)
        return self.conv(x)


class FusedMBConv(nn.Module):
    def __init__(self, width, expand=4, se=0.25):
        super().__init__()
        hidden = width * expand
        reduced = round(hidden * se)
        self.expand, self.expand_norm = Conv(width, hidden, 3), nn.BatchNorm2d(hidden, eps=1e-5)
        self.reduce, self.excite = nn.Linear(hidden, reduced), nn.Linear(reduced, hidden)
        self.project, self.project_norm = Conv(hidden, width, 1), nn.BatchNorm2d(width, eps=1e-5)

    def forward(self, x):
        y = F.gelu(self.expand_norm(self.expand(x)))
        gate = torch.sigmoid(self.excite(F.gelu(self.reduce(y.mean((2, 3))))))
        return x + self.project_norm(self.project(y * gate[:, :, None, None]))


class Transformer(nn.Module):
    def __init__(self, width, size, head_dim=32, ratio=4):
        super().__init__()
        self.heads = width // head_dim
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.open, self.close = nn.Linear(width, ratio * width), nn.Linear(ratio * width, width)
        self.table = nn.Parameter(torch.zeros((2 * size - 1) ** 2, self.heads))
        rows = torch.arange(size * size) // size
        columns = torch.arange(size * size) % size
        offsets = (rows[:, None] - rows[None] + size - 1) * (2 * size - 1) + columns[:, None] - columns[None] + size - 1
        self.register_buffer('offsets', offsets.reshape(-1), persistent=False)

    def forward(self, x):
        b, c, h, w = x.shape
        tokens = x.flatten(2).transpose(1, 2)
        seen = self.norm(tokens)
        q, k, v = self.qkv(seen).reshape(b, h * w, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        bias = self.table[self.offsets].reshape(h * w, h * w, self.heads).permute(2, 0, 1)[None]
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype))
        y = tokens + self.out(attended.transpose(1, 2).reshape(b, h * w, c)) + self.close(F.gelu(self.open(seen)))
        return y.transpose(1, 2).reshape(b, c, h, w)


class Network(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.stem, self.stem_norm = Conv(3, 32, 3), nn.BatchNorm2d(32, eps=1e-5)
        self.stage1 = nn.Sequential(FusedMBConv(32), FusedMBConv(32))
        self.down2, self.down2_norm = Conv(32, 64, 3, 2), nn.BatchNorm2d(64, eps=1e-5)
        self.stage2 = nn.Sequential(FusedMBConv(64), Transformer(64, 16))
        self.down3, self.down3_norm = Conv(64, 128, 3, 2), nn.BatchNorm2d(128, eps=1e-5)
        self.stage3 = nn.Sequential(FusedMBConv(128), Transformer(128, 8))
        self.norm, self.classifier = nn.LayerNorm(128, eps=1e-6), nn.Linear(128, classes)

    def forward(self, x):
        x = self.stage1(F.gelu(self.stem_norm(self.stem(x))))
        x = self.stage2(self.down2_norm(self.down2(x)))
        x = self.stage3(self.down3_norm(self.down3(x)))
        return self.classifier(self.norm(x.mean((2, 3))))

    def load(self, weights):
        """weights: path -> array, as the TypeScript side wrote them (NHWC filters, `[in,out]` kernels)."""
        used = set()

        def take(path):
            used.add(path)
            return torch.tensor(weights[path])

        def conv(module, path):
            module.conv.weight.data.copy_(take(f'{path}/filter').permute(3, 2, 0, 1))

        def linear(module, path):
            module.weight.data.copy_(take(f'{path}/kernel').T)
            module.bias.data.copy_(take(f'{path}/bias'))

        def norm(module, path):
            module.weight.data.copy_(take(f'{path}/gamma'))
            module.bias.data.copy_(take(f'{path}/beta'))
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.copy_(take(f'{path}/running-mean'))
                module.running_var.copy_(take(f'{path}/running-variance'))

        def block(module, path):
            if isinstance(module, FusedMBConv):
                conv(module.expand, f'{path}/expand')
                norm(module.expand_norm, f'{path}/expand-norm')
                linear(module.reduce, f'{path}/se/reduce')
                linear(module.excite, f'{path}/se/expand')
                conv(module.project, f'{path}/project')
                norm(module.project_norm, f'{path}/project-norm')
            else:
                norm(module.norm, f'{path}/norm')
                linear(module.qkv, f'{path}/attention/qkv')
                linear(module.out, f'{path}/attention/project')
                module.table.data.copy_(take(f'{path}/attention/bias-table'))
                linear(module.open, f'{path}/mlp/expand')
                linear(module.close, f'{path}/mlp/project')

        conv(self.stem, 'stem/conv1')
        norm(self.stem_norm, 'stem/norm1')
        for stage, name in ((self.stage1, 'stage1'), (self.stage2, 'stage2'), (self.stage3, 'stage3')):
            for index, module in enumerate(stage):
                block(module, f'{name}/block{index + 1}')
        for name in ('2', '3'):
            conv(getattr(self, f'down{name}'), f'stage{name}/downsample/conv')
            norm(getattr(self, f'down{name}_norm'), f'stage{name}/downsample/norm')
        norm(self.norm, 'head/norm')
        linear(self.classifier, 'head/classifier')
        missing = set(weights) - used
        if missing:
            raise KeyError(f'weights that the network does not take: {sorted(missing)}')
