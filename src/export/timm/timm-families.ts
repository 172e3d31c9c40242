/**
 * Names of weights in timm's modules (https://github.com/huggingface/pytorch-image-models), by family: what
 * the lab's path of a part is called there. Checked against timm 1.0.31.
 */
import type { BlockSpec } from '../../architecture/architecture.js';

/**
 * Name there by the path within a part; `#` is the number of a layer, from 0. Of several the first that
 * exists.
 */
export type PartNames = Readonly<Record<string, string | readonly string[]>>;

export interface TimmFamily {
  readonly name: string;
  /** A name that state dicts of this family have, and of no family before it in the table. */
  readonly mark: string;
  /** By path of the stem and head, such as `stem/conv`. */
  readonly outside: PartNames;
  /** Within a downsampling layer; `prefix` from its stage, counted from 0. */
  readonly downsample?: { readonly prefix: (stage: number) => string; readonly names: PartNames };
  /** Prefix of a block; stages and blocks count from 0. */
  readonly blockPrefix: (stage: number, block: number) => string;
  readonly block: (spec: BlockSpec) => PartNames | undefined;
  /** Rows of attention's input projection are ordered by head, then query, key and value. */
  readonly headFirst?: true;
  /** The bias table is `[heads, rows, columns]`, from the largest offset on. */
  readonly flippedTable?: true;
}

const attention: PartNames = {
  norm: 'norm1',
  'attention/qkv': 'attn.qkv',
  'attention/project': 'attn.proj',
  'mlp-norm': 'norm2',
  'mlp/expand': 'mlp.fc1',
  'mlp/project': 'mlp.fc2',
};

const prefixed = (path: string, name: string, names: PartNames): PartNames =>
  Object.fromEntries(
    Object.entries(names).map(([own, theirs]) => [
      `${path}${own}`,
      typeof theirs === 'string' ? `${name}${theirs}` : theirs.map((each) => `${name}${each}`),
    ]),
  );

const onlyFor =
  (type: string, names: PartNames) =>
  (spec: BlockSpec): PartNames | undefined =>
    spec.type === type ? names : undefined;

const resnet: TimmFamily = {
  name: 'ResNet',
  mark: 'layer1.0.conv1.weight',
  outside: { 'stem/conv': 'conv1', 'stem/norm': 'bn1', 'head/classifier': 'fc' },
  blockPrefix: (stage, block) => `layer${stage + 1}.${block}.`,
  block: onlyFor('residual', {
    ...{ conv1: 'conv1', norm1: 'bn1', conv2: 'conv2', norm2: 'bn2', conv3: 'conv3', norm3: 'bn3' },
    shortcut: 'downsample.0',
    'shortcut-norm': 'downsample.1',
  }),
};

const convnext: TimmFamily = {
  name: 'ConvNeXt',
  mark: 'stages.0.blocks.0.conv_dw.weight',
  outside: {
    ...{ 'stem/conv': 'stem.0', 'stem/norm': 'stem.1' },
    ...{ 'head/norm': 'head.norm', 'head/classifier': 'head.fc' },
  },
  downsample: {
    prefix: (stage) => `stages.${stage}.downsample.`,
    names: { norm: '0', conv: '1' },
  },
  blockPrefix: (stage, block) => `stages.${stage}.blocks.${block}.`,
  block: onlyFor('convnext', {
    ...{ depthwise: 'conv_dw', norm: 'norm', 'layer-scale': 'gamma' },
    ...{ 'mlp/expand': 'mlp.fc1', 'mlp/project': 'mlp.fc2' },
  }),
};

const swin: TimmFamily = {
  name: 'Swin',
  mark: 'layers.0.blocks.0.attn.qkv.weight',
  outside: {
    ...{ 'stem/conv': 'patch_embed.proj', 'stem/norm': 'patch_embed.norm' },
    ...{ 'head/norm': 'norm', 'head/classifier': 'head.fc' },
  },
  downsample: {
    prefix: (stage) => `layers.${stage}.downsample.`,
    names: { norm: 'norm', project: 'reduction' },
  },
  blockPrefix: (stage, block) => `layers.${stage}.blocks.${block}.`,
  block: onlyFor('swin', {
    ...attention,
    'attention/bias-table': 'attn.relative_position_bias_table',
  }),
};

const vit: TimmFamily = {
  name: 'ViT',
  mark: 'patch_embed.proj.weight',
  outside: {
    ...{ 'stem/conv': 'patch_embed.proj', 'stem/class-token': 'cls_token', 'stem/position': 'pos_embed' },
    ...{ 'head/norm': 'norm', 'head/classifier': 'head' },
  },
  blockPrefix: (_, block) => `blocks.${block}.`,
  block: onlyFor('transformer', attention),
};

const mbconvOfMaxxvit: PartNames = {
  ...{ norm: 'pre_norm', expand: 'conv1_1x1', 'expand-norm': 'norm1' },
  ...{ depthwise: 'conv2_kxk', 'depthwise-norm': 'norm2', project: 'conv3_1x1' },
  ...{ 'se/reduce': 'se.fc1', 'se/expand': 'se.fc2', shortcut: 'shortcut.expand' },
};

const biasTable = { 'attention/bias-table': 'attn.rel_pos.relative_position_bias_table' } as const;

const maxxvitOutside: PartNames = {
  ...{ 'stem/conv1': 'stem.conv1', 'stem/norm1': 'stem.norm1', 'stem/conv2': 'stem.conv2' },
  ...{ 'head/norm': 'head.norm', 'head/hidden': 'head.pre_logits.fc', 'head/classifier': 'head.fc' },
};

const maxvit: TimmFamily = {
  name: 'MaxViT',
  mark: 'stages.0.blocks.0.attn_block.attn.qkv.weight',
  outside: maxxvitOutside,
  blockPrefix: (stage, block) => `stages.${stage}.blocks.${block}.`,
  block: onlyFor('maxvit', {
    ...prefixed('conv/', 'conv.', mbconvOfMaxxvit),
    ...prefixed('window/', 'attn_block.', { ...attention, ...biasTable }),
    ...prefixed('grid/', 'attn_grid.', { ...attention, ...biasTable }),
  }),
  flippedTable: true,
};

const coatnet: TimmFamily = {
  name: 'CoAtNet',
  mark: 'stages.0.blocks.0.conv1_1x1.weight',
  outside: maxxvitOutside,
  blockPrefix: (stage, block) => `stages.${stage}.blocks.${block}.`,
  block({ type }) {
    if (type === 'mbconv') return mbconvOfMaxxvit;
    return type === 'transformer'
      ? { ...attention, ...biasTable, norm: ['norm1.norm', 'norm1'], shortcut: 'shortcut.expand' }
      : undefined;
  },
  headFirst: true,
};

const mobilevitV2: TimmFamily = {
  name: 'MobileViTv2',
  mark: 'stages.0.0.conv1_1x1.conv.weight',
  outside: { 'stem/conv1': 'stem.conv', 'stem/norm1': 'stem.bn', 'head/classifier': 'head.fc' },
  blockPrefix: (stage, block) => `stages.${stage}.${block}.`,
  block({ type }) {
    if (type === 'mbconv')
      return {
        ...{ expand: 'conv1_1x1.conv', 'expand-norm': 'conv1_1x1.bn' },
        ...{ depthwise: 'conv2_kxk.conv', 'depthwise-norm': 'conv2_kxk.bn' },
        ...{ project: 'conv3_1x1.conv', 'project-norm': 'conv3_1x1.bn' },
      };
    if (type !== 'mobilevit-v2') return undefined;
    return {
      ...{ depthwise: 'conv_kxk.conv', 'depthwise-norm': 'conv_kxk.bn', inside: 'conv_1x1', norm: 'norm' },
      ...{ project: 'conv_proj.conv', 'project-norm': 'conv_proj.bn' },
      ...prefixed('layer#/', 'transformer.#.', {
        ...{ 'attention/norm': 'norm1', 'attention/qkv': 'attn.qkv_proj' },
        ...{ 'attention/project': 'attn.out_proj', 'mlp-norm': 'norm2' },
        ...{ 'mlp/expand': 'mlp.fc1', 'mlp/project': 'mlp.fc2' },
      }),
    };
  },
};

const squeeze: PartNames = { 'se/reduce': 'se.conv_reduce', 'se/expand': 'se.conv_expand' };

const efficientnet: TimmFamily = {
  name: 'EfficientNet',
  mark: 'conv_stem.weight',
  outside: {
    ...{ 'stem/conv1': 'conv_stem', 'stem/norm1': 'bn1', 'head/embed': 'conv_head', 'head/norm': 'bn2' },
    'head/classifier': 'classifier',
  },
  blockPrefix: (stage, block) => `blocks.${stage}.${block}.`,
  block({ type, params }) {
    if (type !== 'mbconv') return undefined;
    if (params['expand'] === 1)
      return {
        ...{ depthwise: 'conv_dw', 'depthwise-norm': 'bn1', project: 'conv_pw', 'project-norm': 'bn2' },
        ...squeeze,
      };
    return {
      ...{ expand: 'conv_pw', 'expand-norm': 'bn1', depthwise: 'conv_dw', 'depthwise-norm': 'bn2' },
      ...{ project: 'conv_pwl', 'project-norm': 'bn3' },
      ...squeeze,
    };
  },
};

/** The marks of later families may be names of earlier ones too. */
export const timmFamilies: readonly TimmFamily[] = [
  ...[resnet, convnext, swin, maxvit, coatnet, mobilevitV2, efficientnet, vit],
];
