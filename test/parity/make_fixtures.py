"""Outputs of published implementations on hashed weights, as fixtures for parity.test.ts. Not part of the test run.

  python -m venv parity && parity/bin/pip install torch torchvision timm transformers einops pyyaml omegaconf wavemix pywavelets
  npx tsx test/parity/list.mts > networks.json
  REPOSITORIES=<folder> parity/bin/python test/parity/make_fixtures.py networks.json test/parity/outputs.json [only these names]

REPOSITORIES holds checkouts of raoyongming/HorNet, AILab-CVC/UniRepLKNet, NVlabs/FasterViT, altair199797/LowFormer, jameslahm/lsnet,
szq0214/SReT, henry-pay/SpaRTAN and naver-ai/PfLayer by these last names; networks whose checkout is missing are left out. Weights
are matched in the order of execution, by kind and shape. Two stand-ins: LSNet's SKA kernel needs a GPU and is computed here by its
formula; SReT draws a permutation at each call, which is set to the fixed one of our block.
"""
import contextlib, importlib.util, io, json, math, os, sys, types
from dataclasses import replace
from functools import partial

import numpy as np
import torch

torch.manual_seed(0)


def hashed(path, count):
    seed = 0x811C9DC5
    for character in path:
        seed = ((seed ^ ord(character)) * 0x01000193) & 0xFFFFFFFF
    with np.errstate(over='ignore'):
        h = np.uint32(seed) ^ (np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1))
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        h = h ^ (h >> np.uint32(16))
    return h.astype(np.float64) / 2**32 - 0.5


def timm_models():
    from timm.models import convit, convnext, efficientnet, hiera, maxxvit, mobilevit, nasnet, resnet, swin_transformer, vision_transformer
    from timm.models._efficientnet_builder import decode_arch_def, round_channels
    from timm.models.byobnet import ByobNet
    yield 'convnext', lambda: convnext.ConvNeXt(num_classes=10, depths=(1, 1, 2, 1), dims=(8, 16, 32, 64))
    yield 'swin', lambda: swin_transformer.SwinTransformer(img_size=64, num_classes=10, embed_dim=32, depths=(2, 2, 2, 2), num_heads=(1, 2, 4, 8), window_size=7)
    cfg = replace(maxxvit.model_cfgs['coatnet_0'], embed_dim=(32, 64, 128, 256), depths=(1, 2, 2, 1), stem_width=16, head_hidden_size=256)
    yield 'coatnet', lambda: maxxvit.MaxxVit(cfg, img_size=64, num_classes=10)
    tf = replace(maxxvit.model_cfgs['maxvit_tiny_tf'], embed_dim=(32, 64, 128, 256), depths=(1, 1, 2, 1), stem_width=16, head_hidden_size=256)
    yield 'maxvit', lambda: maxxvit.MaxxVit(tf, img_size=64, num_classes=10)
    yield 'hiera', lambda: hiera.Hiera(img_size=(64, 64), num_classes=10, embed_dim=16, num_heads=1, stages=(1, 2, 2, 1))
    yield 'vit', lambda: vision_transformer.VisionTransformer(img_size=64, num_classes=10, embed_dim=64, depth=2, num_heads=2)
    yield 'convit', lambda: convit.ConVit(img_size=64, num_classes=10, embed_dim=12, num_heads=4, depth=4, local_up_to_layer=2, norm_layer=partial(torch.nn.LayerNorm, eps=1e-6))
    yield 'mobilevitv2', lambda: ByobNet(mobilevit._mobilevitv2_cfg(0.25), num_classes=10)
    arch = decode_arch_def([['cn_r1_k3_s1_e1_c8_skip'], ['er_r2_k3_s2_e4_c16'], ['ir_r2_k3_s2_e4_c24_se0.25']])
    yield 'efficientnet', lambda: efficientnet.EfficientNet(arch, num_classes=10, num_features=32, stem_size=8, act_layer=torch.nn.SiLU, pad_type='same',
                                                            norm_layer=partial(torch.nn.BatchNorm2d, eps=1e-3), round_chs_fn=round_channels)
    yield 'resnet_basic', lambda: resnet.ResNet(resnet.BasicBlock, [1, 1, 1, 1], num_classes=10)
    yield 'resnet_bottleneck', lambda: resnet.ResNet(resnet.Bottleneck, [1, 1, 1, 1], num_classes=10)
    mobile = decode_arch_def([['ds_r1_k3_s1_c8'], ['ir_r2_k3_s2_e6_c16']])
    yield 'mobilenet', lambda: efficientnet.EfficientNet(mobile, num_classes=10, num_features=32, stem_size=8, act_layer=torch.nn.ReLU6, round_chs_fn=round_channels)
    fused = decode_arch_def([['er_r2_k3_s2_e4_c16_se0.25']])
    yield 'fused_se', lambda: efficientnet.EfficientNet(fused, num_classes=10, num_features=32, stem_size=8, act_layer=torch.nn.SiLU, round_chs_fn=round_channels)
    yield 'upernet', lambda: Segmenter(convnext.ConvNeXt(num_classes=10, depths=(1, 1, 2, 1), dims=(8, 16, 32, 64)), [8, 16, 32, 64])
    yield 'nasnet', lambda: nasnet.NASNetALarge(num_classes=10, stem_size=16, num_features=192)


def older_timm_names():
    """Modules that timm had under other names when the repositories below were written."""
    import timm.layers, timm.models._builder
    sys.modules['timm.models.layers'] = timm.layers
    sys.modules['timm.models.registry'] = types.SimpleNamespace(register_model=lambda make: make)
    sys.modules['timm.models.helpers'] = timm.models._builder


def loaded(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def upernet_head(widths, channels, classes):
    """transformers' UperNetHead, from its file alone: the package's other needs are left aside."""
    folder = importlib.util.find_spec('transformers').submodule_search_locations[0]
    for name in ('', '.models', '.models.upernet'):
        package = types.ModuleType('transformers' + name)
        package.__path__ = []
        sys.modules['transformers' + name] = package
    passing = lambda *_, **__: lambda made: made
    for name, content in (('backbone_utils', dict(load_backbone=None)), ('modeling_outputs', dict(SemanticSegmenterOutput=None)), ('modeling_utils', dict(PreTrainedModel=torch.nn.Module)),
                          ('utils', dict(auto_docstring=lambda made=None, **_: made if made is not None else passing())), ('models.upernet.configuration_upernet', dict(UperNetConfig=None))):
        sys.modules['transformers.' + name] = types.SimpleNamespace(**content)
    module = loaded(os.path.join(folder, 'models', 'upernet', 'modeling_upernet.py'), 'transformers.models.upernet.modeling_upernet')
    return module.UperNetHead(types.SimpleNamespace(pool_scales=[1, 2, 3, 6], hidden_size=channels, num_labels=classes), widths)


class Segmenter(torch.nn.Module):
    """Logits at the size of the image, channels last, of every eighth pixel."""
    def __init__(self, backbone, widths):
        super().__init__()
        backbone.head = torch.nn.Identity()
        self.backbone = backbone
        self.decode = upernet_head(widths, 16, 3)

    def forward(self, x):
        size = x.shape[2:]
        x = self.backbone.stem(x)
        maps = []
        for stage in self.backbone.stages:
            x = stage(x)
            maps.append(x)
        logits = torch.nn.functional.interpolate(self.decode(maps), size=size, mode='bilinear', align_corners=False)
        return logits.permute(0, 2, 3, 1)[:, ::8, ::8]


class PerceivedSum(torch.nn.Module):
    """y[c, p] = sum over the 3x3 window of w[c mod groups, k, p] x[c, p + k]: what LSNet's SKA kernel computes."""
    def forward(self, x, w):
        b, c, height, width = x.shape
        windows = torch.nn.functional.unfold(x, 3, padding=1).reshape(b, c, 9, height, width)
        return (windows * w.repeat(1, c // w.shape[1], 1, 1, 1)).sum(2)


def author_models():
    root = os.environ.get('REPOSITORIES', '')
    def use(name):
        path = os.path.join(root, name)
        if not os.path.isdir(path):
            raise FileNotFoundError(path)
        sys.path.insert(0, path)
    def hornet(filtered):
        use('HorNet')
        import hornet as h
        width, orders = (32 if filtered else 16), []
        for stage, order in enumerate((2, 3, 4, 5)):
            extra = dict(gflayer=h.GlobalLocalFilter, h=(4, 2)[stage - 2], w=(3, 2)[stage - 2]) if filtered and stage > 1 else {}
            orders.append(partial(h.gnconv, order=order, s=1.0 / 3.0, **extra))
        return h.HorNet(depths=[1, 1, 2, 1], base_dim=width, num_classes=10, gnconv=orders)
    yield 'hornet', lambda: hornet(False)
    yield 'hornet_gf', lambda: hornet(True)
    def unireplknet():
        use('UniRepLKNet')
        import unireplknet as u
        return u.UniRepLKNet(depths=(2, 2, 6, 2), dims=(16, 32, 64, 128), num_classes=10, attempt_use_lk_impl=False)
    yield 'unireplknet', unireplknet
    def fastervit():
        use('FasterViT')
        from fastervit.models import faster_vit as f
        return f.FasterViT(dim=32, in_dim=16, depths=[1, 1, 2, 1], window_size=[7, 7, 7, 7], ct_size=2, mlp_ratio=4, num_heads=[2, 4, 8, 16], num_classes=10, hat=[False, False, True, False])
    yield 'fastervit', fastervit
    def lowformer():
        use('LowFormer')
        import lowformer_model as m
        backbone = m.LowFormerBackbone(width_list=[16, 32, 64, 128, 256], depth_list=[0, 1, 1, 1, 1], bb_convattention=True, bb_convin2=True, fastit=True)
        return m.LowFormerCls(backbone, m.ClsHead(256, [1536, 1600], n_classes=10), 'small')
    yield 'lowformer', lowformer
    older_timm_names()
    def checkout(*parts):
        path = os.path.join(root, *parts)
        if not os.path.exists(path):
            raise FileNotFoundError(path)
        return path
    yield 'pf_vit', lambda: loaded(checkout('PfLayer', 'vit_pf.py'), 'vit_pf').EffTransformer(img_size=64, num_classes=10, embed_dim=64, depth=4, num_heads=1)
    yield 'resnet_pf_max', lambda: loaded(checkout('PfLayer', 'resnet_pf.py'), 'resnet_pf').resnet50_max(layer_setting=[1, 1, 1, 1], num_classes=10)
    yield 'resnet_pf_hybrid', lambda: loaded(checkout('PfLayer', 'resnet_pf.py'), 'resnet_pf').resnet50_hybrid(layer_setting=[1, 2, 1, 1], num_classes=10)
    def lsnet():
        package = types.ModuleType('lsnetmodel')
        package.__path__ = []
        sys.modules['lsnetmodel'] = package
        sys.modules['lsnetmodel.ska'] = types.SimpleNamespace(SKA=PerceivedSum)
        module = loaded(checkout('lsnet', 'model', 'lsnet.py'), 'lsnetmodel.lsnet')
        return module.LSNet(img_size=128, patch_size=8, num_classes=10, embed_dim=[32, 48, 64, 96], depth=[1, 2, 2, 2], num_heads=[3, 3, 3, 4])
    yield 'lsnet', lsnet
    def sret():
        module = loaded(checkout('SReT', 'SReT.py'), 'sret')
        def strided(count):
            step = max(1, math.floor(count * 0.618))
            while math.gcd(step, count) != 1:
                step += 1
            return torch.tensor([index * step % count for index in range(count)])
        module.torch = types.SimpleNamespace(**{**vars(torch), 'randperm': strided})
        return module.SReT(64, 16, 8, [16, 16, 16], [2, 4, 2], [1, 2, 1], [8, 4, 1], [2, 1, 1], [1, 2, 4], 3.6, 1.0, num_classes=10)
    yield 'sret', sret
    yield 'spartan', lambda: loaded(checkout('SpaRTAN', 'src', 'model', 'spartan.py'), 'spartan').SpaRTAN(10, 4, [1, 1, 2, 1], [4, 4, 2, 2], [32, 64, 128], init_dim=16)
    def wavemix():
        sys.modules['numpy.lib.function_base'] = types.SimpleNamespace(hamming=np.hamming)  # an older numpy's name, unused
        from wavemix.classification import WaveMix
        return WaveMix(num_classes=10, depth=2, mult=2, ff_channel=32, final_dim=32, level=3)
    yield 'wavemix', wavemix


TENSORS = {'filter': 'weight', 'kernel': 'weight', 'gamma': 'weight', 'beta': 'bias', 'bias': 'bias', 'running-mean': 'running_mean', 'running-variance': 'running_var'}
LOOSE = ('bias-table', 'layer-scale', 'layer-scale1', 'layer-scale2', 'position', 'class-token', 'gate', 'global',
         'spatial-scale', 'channel-scale', 'detail-scale', 'rotation',
         'attention-sum-keep', 'attention-sum-branch', 'mlp-sum-keep', 'mlp-sum-branch', 'sum-keep', 'sum-branch')
# last part of the published parameter's name, by the last part of ours; others begin with 'gamma'
NAMES = {'gate': 'gating_param', 'global': 'complex_weight', 'class-token': 'cls_token', 'position': 'pos_embed', 'spatial-scale': 'scale_1', 'channel-scale': 'scale_2',
         'rotation': 'complex'}


def executed(model, image, name):
    """Modules with own tensors in the order of execution; a shortcut's before its block's, as ours are declared."""
    order, seen = [], set()
    names = {id(module): key for key, module in model.named_modules()}
    def note(module, _):
        if id(module) not in seen and (hasattr(module, 'weight') or type(module).__name__.startswith('GRN')) and list(module.named_parameters(recurse=False)):
            seen.add(id(module))
            order.append((names[id(module)], module))
    hooks = [module.register_forward_pre_hook(note) for module in model.modules()]
    model(image)
    for hook in hooks:
        hook.remove()
    if name == 'nasnet':  # the second stem cell projects its first map before the other
        moved = [item for item in order if item[0].startswith('cell_stem_1.conv_1x1')]
        order = [item for item in order if item not in moved]
        at = [key for key, _ in order].index('cell_stem_1.final_path_bn') + 1
        order[at:at] = moved
    if name.startswith('resnet'):
        block = lambda key: key.rsplit('.downsample', 1)[0] if '.downsample' in key else '.'.join(key.split('.')[:2])
        first = {}
        for index, (key, _) in enumerate(order):
            first.setdefault(block(key), index)
        order.sort(key=lambda item: (first[block(item[0])], '.downsample' not in item[0]))
    return order


def arranged(value, torch_shape, path, name):
    """Our layout to torch's: filters [kh,kw,in,out] → (out,in,kh,kw), kernels [in,out] → (out,in)."""
    kind = path.split('/')[-1]
    if kind == 'filter':
        axes = (2, 3, 0, 1) if torch_shape[1] == 1 and torch_shape[0] == value.shape[2] * value.shape[3] and value.shape[2] > 1 else (3, 2, 0, 1)
        value = value.transpose(axes)
    elif kind == 'kernel':
        if name == 'coatnet' and 'qkv' in path:
            value = by_head(value)
        value = value.T
    elif kind == 'bias' and name == 'coatnet' and 'qkv' in path:
        value = by_head(value[None])[0]
    elif kind == 'bias-table' and name == 'maxvit':
        side = torch_shape[-1]
        value = value.reshape(side, side, -1)[::-1, ::-1].transpose(2, 0, 1)
    elif kind == 'position' and name == 'sret':
        value = value.transpose(0, 3, 1, 2)
    elif kind == 'global':
        value = value.transpose(2, 0, 1, 3)
    return np.ascontiguousarray(value).reshape(torch_shape)


def by_head(value):
    """Columns q|k|v of all heads → q,k,v of each head of 32."""
    rows = value.shape[0]
    return value.reshape(rows, 3, -1, 32).transpose(0, 2, 1, 3).reshape(rows, -1)


def assign(model, network, image):
    values = {w['path']: (w['range'][0] + w['range'][1] * hashed(w['path'], int(np.prod(w['shape'])))).astype(np.float32).reshape(w['shape']) for w in network['weights']}
    groups = {}
    for path, value in values.items():
        parent, kind = path.rsplit('/', 1)
        if kind not in LOOSE:
            groups.setdefault(parent, {})[kind] = (path, value)
    modules = executed(model, image, network['name'])
    used = set()
    for parent, parts in groups.items():
        for index, (key, module) in enumerate(modules):
            targets = {kind: getattr(module, kind if type(module).__name__.startswith('GRN') else TENSORS[kind], None) for kind in parts}
            own = [p for p in module.parameters(recurse=False)]
            if index in used or any(t is None for t in targets.values()) or len(own) != sum(kind in ('filter', 'kernel', 'gamma', 'beta', 'bias') for kind in parts):
                continue
            if any(int(np.prod(t.shape)) != parts[kind][1].size for kind, t in targets.items()):
                continue
            main = parts.get('filter') or parts.get('kernel')
            if main is not None:
                shape = tuple(module.weight.shape)
                wanted = main[1].shape
                inner = (wanted[3], wanted[2]) if len(wanted) == 4 else (wanted[1], wanted[0])
                depthwise = len(wanted) == 4 and wanted[2] > 1 and shape[:2] == (wanted[2] * wanted[3], 1)
                if not depthwise and shape[:2] != inner:
                    continue
                if len(wanted) == 4 and tuple(shape[2:]) != wanted[:2]:
                    continue
            with torch.no_grad():
                for kind, target in targets.items():
                    path, value = parts[kind]
                    target.copy_(torch.from_numpy(arranged(value, tuple(target.shape), path, network['name'])))
            used.add(index)
            break
        else:
            raise LookupError(f'no module for {parent} {[(k, v[1].shape) for k, v in parts.items()]}')
    left = [key for index, (key, _) in enumerate(modules) if index not in used]
    if left:
        raise LookupError(f'modules without weights of ours: {left}')
    module_parameters = {id(p) for _, module in modules for p in module.parameters(recurse=False)}
    loose = [(key, p) for key, p in model.named_parameters() if id(p) not in module_parameters]
    kinds = lambda path: path.split('/')[-1]
    def belongs(kind, key):
        last = key.split('.')[-1]
        if kind == 'bias-table':
            return last in ('relative_position_bias_table', 'attention_biases')
        if kind.endswith(('-keep', '-branch')):
            return 'coefficient' in key
        return NAMES[kind] == last if kind in NAMES else last.startswith('gamma')
    for path, value in values.items():
        if kinds(path) not in LOOSE:
            continue
        for index, (key, target) in enumerate(loose):
            if belongs(kinds(path), key) and target.numel() == value.size:
                with torch.no_grad():
                    target.copy_(torch.from_numpy(arranged(value, tuple(target.shape), path, network['name'])))
                loose.pop(index)
                break
        else:
            raise LookupError(f'no parameter for {path} {value.shape}; left {[k for k, _ in loose]}')
    if loose:
        raise LookupError(f'parameters without weights of ours: {[key for key, _ in loose]}')


def main(networks_file, out_file, *only):
    networks = {n['name']: n for n in json.load(open(networks_file))}
    outputs = json.load(open(out_file)) if only else {}
    for source in (timm_models(), author_models()):
        for name, build in source:
            if only and name not in only:
                continue
            network = networks[name]
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    model = build().eval()
                    side = network['side']
                    image = torch.from_numpy((4 * hashed('image', 2 * side * side * 3)).astype(np.float32).reshape(2, side, side, 3).transpose(0, 3, 1, 2).copy())
                    assign(model, network, image)
                    model.train().eval()  # what was derived from weights is derived anew
                    with torch.no_grad():
                        logits = model(image)
                outputs[name] = [float(np.float32(v)) for v in logits.flatten().tolist()]
                print(name, [round(v, 4) for v in outputs[name][:4]], flush=True)
            except Exception as error:  # one network's failure leaves the others
                print(name, 'FAILED', repr(error)[:600], flush=True)
    json.dump(outputs, open(out_file, 'w'), indent=0)


main(*sys.argv[1:])
