import torch
import torch.nn.functional as F
from torch import nn

from ..layers.attention import relative_index, to_map, to_tokens
from ..layers.convolution import PointwiseLinear, conv2d, mean_pool
from ..layers.norms import LayerNorm2d
from ..layers.residual import DropPath, MapMlp, hidden_of


class RelativeAttention(nn.Module):
    """Multi-head attention between the places of a map [b, dim, h, w], with relative position bias."""

    def __init__(self, dim, size, head_dim=32, inner=None, out_dim=None, qkv_bias=True):
        super().__init__()
        height, width = size
        inner = inner or dim
        self.heads = inner // head_dim
        self.qkv = PointwiseLinear(dim, 3 * inner, bias=qkv_bias)
        self.project = PointwiseLinear(inner, out_dim or inner)
        self.bias_table = nn.Parameter(torch.zeros((2 * height - 1) * (2 * width - 1), self.heads))
        nn.init.trunc_normal_(self.bias_table, std=0.02)
        self.register_buffer("bias_index", relative_index(height, width), persistent=False)

    def bias(self):
        """[1, heads, n, n]."""
        n = self.bias_index.shape[0]
        bias = self.bias_table[self.bias_index.flatten()].reshape(n, n, -1)
        return bias.permute(2, 0, 1).contiguous()[None]

    def forward(self, x):
        b, _, h, w = x.shape
        qkv = to_tokens(self.qkv(x)).reshape(b, h * w, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=self.bias().to(q.dtype))
        return self.project(to_map(x.transpose(1, 2).flatten(2), h, w))


class RelativeTransformer(nn.Module):
    """Attention with relative position bias, then an MLP, as in CoAtNet (https://arxiv.org/abs/2106.04803).

    `size` is the map that is attended to. `late` changes the width behind the attention, with a shortcut
    without bias.
    """

    def __init__(
        self,
        in_chs,
        out_chs,
        size,
        stride=1,
        head_dim=32,
        mlp_ratio=4.0,
        pre_act=False,
        qkv_bias=True,
        late=False,
        eps=1e-6,
    ):
        super().__init__()
        self.pre_act = nn.GELU() if pre_act else nn.Identity()
        self.norm = LayerNorm2d(in_chs, eps=eps)
        self.pool = mean_pool(stride)
        self.shortcut = (
            conv2d(in_chs, out_chs, bias=not late) if in_chs != out_chs else nn.Identity()
        )
        self.attention = RelativeAttention(
            in_chs, size, head_dim, in_chs if late else out_chs, out_chs, qkv_bias
        )
        self.mlp_norm = LayerNorm2d(out_chs, eps=eps)
        self.mlp = MapMlp(out_chs, hidden_of(out_chs, mlp_ratio))
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.pool(self.norm(self.pre_act(x)))
        x = self.drop_path(self.attention(y)) + self.shortcut(self.pool(x))
        return self.drop_path(self.mlp(self.mlp_norm(x))) + x
