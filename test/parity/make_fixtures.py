"""Outputs of published implementations on hashed weights, as fixtures for parity.test.ts. Not part of the test run.

  python -m venv parity && parity/bin/pip install torch timm einops pyyaml
  npx tsx test/parity/list.mts > networks.json
  REPOSITORIES=<folder> parity/bin/python test/parity/make_fixtures.py networks.json test/parity/outputs.json

REPOSITORIES holds checkouts of raoyongming/HorNet, AILab-CVC/UniRepLKNet, NVlabs/FasterViT, altair199797/LowFormer, by these
last names; networks whose checkout is missing are left out. Weights are matched in the order of execution, by kind and shape.
"""
import contextlib, io, json, os, sys
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
    from timm.models import convit, convnext, efficientnet, hiera, maxxvit, mobilevit, resnet, swin_transformer, vision_transformer
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


TENSORS = {'filter': 'weight', 'kernel': 'weight', 'gamma': 'weight', 'beta': 'bias', 'bias': 'bias', 'running-mean': 'running_mean', 'running-variance': 'running_var'}
LOOSE = ('bias-table', 'layer-scale', 'layer-scale1', 'layer-scale2', 'position', 'class-token', 'gate', 'global')


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
        axes = (2, 3, 0, 1) if value.shape[3] == 1 and torch_shape[1] == 1 and torch_shape[0] == value.shape[2] else (3, 2, 0, 1)
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
                depthwise = len(wanted) == 4 and wanted[3] == 1 and shape[:2] == (wanted[2], 1)
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
        return {'bias-table': 'relative_position_bias_table', 'gate': 'gating_param', 'global': 'complex_weight', 'class-token': 'cls_token', 'position': 'pos_embed'}.get(kind, 'gamma') in (last if kind in ('bias-table', 'gate', 'global', 'class-token', 'position') else last[:5])
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


def main(networks_file, out_file):
    networks = {n['name']: n for n in json.load(open(networks_file))}
    outputs = {}
    for source in (timm_models(), author_models()):
        for name, build in source:
            network = networks[name]
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    model = build().eval()
                    side = network['side']
                    image = torch.from_numpy((4 * hashed('image', 2 * side * side * 3)).astype(np.float32).reshape(2, side, side, 3).transpose(0, 3, 1, 2).copy())
                    assign(model, network, image)
                    with torch.no_grad():
                        logits = model(image)
                outputs[name] = [float(np.float32(v)) for v in logits.flatten().tolist()]
                print(name, [round(v, 4) for v in outputs[name][:4]], flush=True)
            except Exception as error:  # one network's failure leaves the others
                print(name, 'FAILED', repr(error)[:600], flush=True)
    json.dump(outputs, open(out_file, 'w'), indent=0)


main(*sys.argv[1:])
