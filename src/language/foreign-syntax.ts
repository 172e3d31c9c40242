/** Hints for what other languages and habits write: `=`, `&&`, `10m`, `latency`, `flops`. */

/** By the text of a token that the grammar does not expect. */
const tokenHints: Readonly<Record<string, string>> = {
  '=': 'compare with `==`',
  '&&': 'write `and`',
  '&': 'write `and`',
  '!': 'write `not`',
  '|': 'several values are a set, such as {1, 4}; `|` stands between blocks of a layout, such as (C | T)',
  '%': 'write a percentage without a space, such as 3%',
  k: 'multiples are upper-case K, M and G, such as 10K',
  m: 'multiples are upper-case K, M and G, such as 10M',
  g: 'multiples are upper-case K, M and G, such as 10G',
  b: 'write a billion as 1G',
  s: 'a space holds no measured times; make latency an objective of an experiment',
  ms: 'a space holds no measured times; make latency an objective of an experiment',
  us: 'a space holds no measured times; make latency an objective of an experiment',
  after: 'write the letter that comes first on the left, such as `C before T`',
  between: 'write `in LOW..HIGH`, such as `params in 1M..2M`',
  is: 'compare with `==`',
  if: 'write `not A or B` for "if A then B"',
};

/** @param image the token that an error points at */
export const foreignTokenHint = (image: string): string | undefined =>
  Object.hasOwn(tokenHints, image) ? tokenHints[image] : undefined;

const measured =
  'it is measured: make it an objective of an experiment, such as `objectives {top-1, images-per-second@64}`';

/** By a name that a condition does not know. */
const nameHints: Readonly<Record<string, string>> = {
  flops: 'write macs; one MAC counts as two FLOPs',
  flop: 'write macs; one MAC counts as two FLOPs',
  mac: 'write macs',
  parameters: 'write params',
  weights: 'write params',
  size: 'write params, or memory for the activations',
  activations: 'write memory',
  layers: 'write depth',
  blocks: 'write depth',
  channels: 'write width(STAGE)',
  start: 'write first(LETTER), such as first(T) >= 5',
  begin: 'write first(LETTER), such as first(T) >= 5',
  attention: 'count attention blocks by their letter, such as count(T)',
  transformer: 'count transformer blocks by their letter, such as count(T)',
  convolution: 'count convolution blocks by their letter, such as count(C)',
  latency: measured,
  throughput: measured,
  accuracy: measured,
  top1: measured,
  score: measured,
};

/** @param name a name in a condition, in any case */
export const foreignNameHint = (name: string): string | undefined => {
  const key = name.toLowerCase();
  return Object.hasOwn(nameHints, key) ? nameHints[key] : undefined;
};
