/** The Python file of one network: plain `torch.nn`, with the classes that it uses and no others. */
import type { Architecture } from '../../architecture/architecture.js';
import { architectureId } from '../../architecture/canonical.js';
import { layoutOf } from '../../architecture/layout.js';
import { partTables } from '../../blocks/block-table.js';
import { networkCost } from '../../network/network-cost.js';
import { networkLines } from './network-lines.js';
import { placedParts } from './network-site.js';
import { neededDefinitions } from './python-definitions.js';

export interface ModuleOptions {
  /** Name of the network's class; default `Network`. */
  readonly className?: string;
  /** Registers the network with timm as `stagecraft_ID`. */
  readonly timm?: boolean;
}

const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
const indented = (lines: readonly string[], columns: number): string =>
  lines.map((line) => ' '.repeat(columns) + line).join('\n');

/** Papers of the parts, each once. */
function sources(architecture: Architecture): string[] {
  const found = new Map<string, string[]>();
  const { input: _, ...parts } = architecture;
  const add = (kind: keyof typeof partTables, type: string): void => {
    const { source } = partTables[kind][type]!;
    const names = found.get(source) ?? [];
    if (!names.includes(type)) found.set(source, [...names, type]);
  };
  for (const { blocks } of parts.stages) for (const { type } of blocks) add('block', type);
  return [...found].map(([source, names]) => `  ${names.join(', ')}: ${source}`);
}

function docstring(architecture: Architecture): string {
  const { params, macs } = networkCost(architecture).total;
  const { height, width, channels } = architecture.input;
  return [
    `"""${layoutOf(architecture)}: ${grouped(params)} parameters, ${grouped(macs)} multiply-accumulates.`,
    '',
    `Widths ${architecture.stages.map((stage) => stage.width).join(', ')}.`,
    `Images [batch, ${channels}, ${height}, ${width}].`,
    'Sources of the blocks:',
    ...sources(architecture),
    '',
    `Written by stagecraft from architecture ${architectureId(architecture)}.`,
    '"""',
  ].join('\n');
}

/** Imports that the code needs. */
function imports(code: string): string[] {
  const uses = (pattern: RegExp): boolean => pattern.test(code);
  const standard = [
    ...(uses(/\bmath\./) ? ['import math'] : []),
    ...(uses(/\bpartial\(/) ? ['from functools import partial'] : []),
  ];
  const torch = [
    ...(uses(/\btorch\./) ? ['import torch'] : []),
    ...(uses(/\bF\./) ? ['import torch.nn.functional as F'] : []),
    ...(uses(/@register_model/) ? ['from timm.models import register_model'] : []),
    'from torch import nn',
  ];
  return [...standard, ...(standard.length > 0 ? [''] : []), ...torch];
}

function networkClass(architecture: Architecture, className: string): string {
  const placed = placedParts(architecture);
  const { init, forward, hasCondition } = networkLines(placed);
  const { height, width, channels } = architecture.input;
  const stages = architecture.stages.flatMap(({ blocks }, stage) =>
    blocks.length > 0 ? [`*self.stage${stage + 1}`] : [],
  );
  const given = hasCondition ? ', time=None, given=None' : '';
  const signature = [
    'self',
    `num_classes=${architecture.classes}`,
    `input_size=(${height}, ${width})`,
    `in_chans=${channels}`,
    'drop_path_rate=0.0',
  ].join(', ');
  const readsStages = placed.at(-1)!.stages.length > 0;
  const features = readsStages
    ? 'The maps that the head reads, largest first.'
    : 'The last feature map, [batch, channels, height, width].';
  const passed = hasCondition ? ', time, given' : '';
  return `class ${className}(nn.Module):
    """The whole network; \`drop_path_rate\` is that of the last block, rising from 0 at the first."""

    def __init__(${signature}):
        super().__init__()
        self.num_classes = num_classes
        self.input_size = input_size
${indented(init, 8)}
        blocks = [${stages.join(', ')}]
        for k, block in enumerate(blocks):
            set_drop_path(block, drop_path_rate * k / max(1, len(blocks) - 1))

    def forward_features(self, x${given}):
        """${features}"""
${indented(forward, 8)}

    def forward(self, x${given}):
        return self.head(self.forward_features(x${passed}))`;
}

const loader = `def load_weights(network, file):
    """Loads the weights of a safetensors file; names and shapes must match."""
    from safetensors.torch import load_file

    network.load_state_dict(load_file(file))
    return network`;

const registration = (name: string, className: string): string => `@register_model
def ${name}(
    pretrained=False, pretrained_cfg=None, pretrained_cfg_overlay=None, cache_dir=None, **kwargs
):
    """The network in timm's registry; \`pretrained\`: a safetensors file."""
    network = ${className}(**kwargs)
    return load_weights(network, pretrained) if pretrained else network`;

/** Name under which timm knows the network. */
export const timmName = (architecture: Architecture): string => `stagecraft_${architectureId(architecture)}`;

/**
 * The file's text. Blocks are named after their papers; weights as \`weightForms\` says.
 * @throws UserError naming a block that has no PyTorch form
 */
export function pytorchModule(
  architecture: Architecture,
  { className = 'Network', timm = false }: ModuleOptions = {},
): string {
  const network = networkClass(architecture, className);
  const code = [
    ...neededDefinitions(network),
    network,
    loader,
    ...(timm ? [registration(timmName(architecture), className)] : []),
  ].join('\n\n\n');
  return `${docstring(architecture)}
${imports(code).join('\n')}


${code}
`;
}
