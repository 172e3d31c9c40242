/** The known name that a misspelt one most likely meant. */

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)]);
  for (let j = 1; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      rows[i]![j] = best;
    }
  }
  return rows[a.length]![b.length]!;
}

/** @returns undefined where nothing is near enough to be meant (more than a third of the letters differ) */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = (name.length < 3 ? 0 : Math.max(1, Math.floor(name.length / 3))) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Names of other tools, with those that this one may know. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  lr: ['learning-rate'],
  wd: ['weight-decay'],
  bs: ['batch'],
  'batch-size': ['batch', 'batches'],
  dropout: ['drop-path'],
  heads: ['head-dim'],
  'num-heads': ['head-dim'],
  attention: ['transformer', 'block'],
  dataset: ['data'],
  model: ['space'],
  network: ['space'],
  optimizer: ['train'],
  recipe: ['train'],
  metrics: ['objectives'],
  algorithm: ['strategy'],
  trials: ['budget'],
  length: ['depth'],
  layers: ['depth'],
  flops: ['macs'],
  fp16: ['float16'],
  half: ['float16'],
  bf16: ['bfloat16'],
  fp32: ['float32'],
  grid: ['full-factorial', 'exhaustive'],
  evolution: ['regularized-evolution'],
  genetic: ['nsga2'],
  bayesian: ['tpe'],
  random: ['uniform'],
  generations: ['trials'],
  pytorch: ['tensorflow'],
  gpu: ['tensorflow'],
  cuda: ['tensorflow'],
};

/** The known name that stands for one of another tool. */
function synonymOf(name: string, known: readonly string[]): string | undefined {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return Object.hasOwn(synonyms, plain) ? synonyms[plain]!.find((each) => known.includes(each)) : undefined;
}

/** The known name that a misspelt one, or one of another tool, most likely meant. */
export const meantName = (name: string, known: readonly string[]): string | undefined =>
  synonymOf(name, known) ?? nearestName(name, known);

/** `did you mean "kernel"?`, or the list of what is known where nothing is near. */
export function nameHint(name: string, known: readonly string[]): string {
  const near = meantName(name, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return known.length === 0
    ? 'none is known here'
    : `known: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`;
}
