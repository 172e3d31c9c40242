from torch import nn

from ..layers.attention import Attention, to_map, to_tokens
from ..layers.convolution import conv2d, mean_pool
from ..layers.residual import DropPath, Mlp, hidden_of


class ParallelTransformer(nn.Module):
    """Attention and MLP side by side, as in AsCAN (https://openreview.net/forum?id=r0eSCJ6qsL).

    `size` is the map that is attended to; None leaves the relative position bias out.
    """

    def __init__(
        self,
        in_chs,
        out_chs,
        stride=1,
        size=None,
        head_dim=32,
        mlp_ratio=4.0,
        rotary=False,
        pre_act=False,
        qkv_bias=True,
        eps=1e-6,
    ):
        super().__init__()
        self.pre_act = nn.GELU() if pre_act else nn.Identity()
        self.norm = nn.LayerNorm(in_chs, eps=eps)
        self.pool = mean_pool(stride)
        self.shortcut = conv2d(in_chs, out_chs, bias=True) if in_chs != out_chs else nn.Identity()
        self.attention = Attention(in_chs, head_dim, out_chs, out_chs, qkv_bias, size, rotary)
        self.mlp = Mlp(in_chs, hidden_of(out_chs, mlp_ratio), out_chs)
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.norm(self.pre_act(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        y = self.pool(y)
        h, w = y.shape[-2:]
        x, y = to_tokens(self.shortcut(self.pool(x))), to_tokens(y)
        x = x + self.drop_path(self.attention(y, (h, w))) + self.drop_path(self.mlp(y))
        return to_map(x, h, w)


class Transformer(nn.Module):
    """Attention, then an MLP, as in ViT (https://arxiv.org/abs/2010.11929).

    `late` changes the width behind the attention, with a shortcut without bias.
    """

    def __init__(
        self,
        in_chs,
        out_chs,
        stride=1,
        head_dim=32,
        mlp_ratio=4.0,
        rotary=False,
        pre_act=False,
        qkv_bias=True,
        late=False,
        eps=1e-6,
    ):
        super().__init__()
        self.pre_act = nn.GELU() if pre_act else nn.Identity()
        self.norm = nn.LayerNorm(in_chs, eps=eps)
        self.pool = mean_pool(stride)
        self.shortcut = (
            conv2d(in_chs, out_chs, bias=not late) if in_chs != out_chs else nn.Identity()
        )
        self.attention = Attention(
            in_chs, head_dim, in_chs if late else out_chs, out_chs, qkv_bias, rotary=rotary
        )
        self.mlp_norm = nn.LayerNorm(out_chs, eps=eps)
        self.mlp = Mlp(out_chs, hidden_of(out_chs, mlp_ratio))
        self.drop_path = DropPath()

    def forward(self, x):
        y = self.norm(self.pre_act(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        y = self.pool(y)
        h, w = y.shape[-2:]
        x = to_tokens(self.shortcut(self.pool(x)))
        x = x + self.drop_path(self.attention(to_tokens(y), (h, w)))
        x = x + self.drop_path(self.mlp(self.mlp_norm(x)))
        return to_map(x, h, w)
