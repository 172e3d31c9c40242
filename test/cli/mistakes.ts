/**
 * Mistakes of a first hour: what one types or writes, for `test/cli/mistakes.test.ts`. A file may be named by
 * what is changed in a sound one.
 */

export const soundSpace = `space own
  input 32x32x3
  classes 10
  block C = fused-mbconv(expand: 2)
  block T = transformer(head-dim: 8)
  stem conv(width: 16, stride: 2)
  stage 1  width 16  C
  stage 2  width 32  (C | T){2}
  head pool-linear
`;

export const soundExperiment = `experiment own
  space       own.space
  sample      random(size: 2, seed: 1)
  profile     throughput(batches: {1, 16}, launches: 3)
  data        motif(train: 40, validation: 20)
  train       adamw(epochs: 1)  seeds {1}
  objectives  {top-1, images-per-second@16}
`;

export interface Mistake {
  readonly title: string;
  readonly args: readonly string[];
  /** `[from, to]` in the sound space or experiment. */
  readonly space?: readonly [string, string];
  readonly experiment?: readonly [string, string];
}

const count = ['count', 'own.space'];
const check = ['check', 'own.experiment'];
const ofSpace = (title: string, from: string, to: string): Mistake => ({
  title,
  args: count,
  space: [from, to],
});
const ofExperiment = (title: string, from: string, to: string): Mistake => ({
  title,
  args: check,
  experiment: [from, to],
});

export const mistakes: readonly Mistake[] = [
  // commands and options
  { title: 'misspelt command', args: ['cuont', 'own.space'] },
  { title: 'command of another tool', args: ['fit', 'own.space'] },
  { title: 'misspelt option', args: ['count', 'own.space', '--jsn'] },
  { title: 'missing argument', args: ['count'] },
  { title: 'a number that is none', args: ['sample', 'own.space', '-n', 'many'] },
  { title: 'more members than there are', args: ['sample', 'own.space', '-n', '99'] },
  { title: 'a file that is not there', args: ['count', 'own.spaec'] },
  { title: 'a folder in place of a file', args: ['run', '.'] },
  { title: 'a space where an experiment is needed', args: ['run', 'own.space'] },
  { title: 'an experiment where a space is needed', args: ['count', 'own.experiment'] },
  { title: 'a space of several members as a network', args: ['show', 'own.space'] },
  { title: 'a layout that the space lacks', args: ['show', 'own.space@C-CCC'] },
  { title: 'a rank beyond the last', args: ['show', 'own.space#4'] },
  { title: 'an unknown block', args: ['blocks', 'mbconf'] },
  { title: 'an unknown setting', args: ['explain', 'obiectives'] },
  { title: 'no database yet', args: ['report', 'reports/own'] },
  { title: 'one network to compare', args: ['profile', 'own.space#0', '--compare'] },
  // spaces
  ofSpace('a misspelt block', 'fused-mbconv', 'fused-mbconf'),
  ofSpace('a parameter that the block lacks', 'head-dim: 8', 'heads: 8'),
  ofSpace('a value out of its range', 'expand: 2', 'expand: 0'),
  ofSpace('a letter without a block', '(C | T){2}', '(C | S){2}'),
  ofSpace('no limit of a repetition', '(C | T){2}', '(C | T)+'),
  ofSpace('a missing bracket', '(C | T){2}', '(C | T{2}'),
  ofSpace('no head', '  head pool-linear\n', ''),
  ofSpace('no classes', '  classes 10\n', ''),
  ofSpace('two stages of one number', 'stage 2', 'stage 1'),
  ofSpace('`=` for a comparison', '  head pool-linear', '  head pool-linear\n  where params = 3M'),
  ofSpace('`&&` for and', '  head pool-linear', '  head pool-linear\n  where asymmetric && params <= 3M'),
  ofSpace(
    'bytes as a count of parameters',
    '  head pool-linear',
    '  head pool-linear\n  where params <= 1MB',
  ),
  ofSpace('a latency as a condition', '  head pool-linear', '  head pool-linear\n  where latency <= 10ms'),
  ofSpace('FLOPs for MACs', '  head pool-linear', '  head pool-linear\n  where flops <= 10M'),
  ofSpace('a stage without a width', 'width 32', ''),
  ofSpace('a width that is no number', 'width 32', 'width wide'),
  // experiments
  ofExperiment('a misspelt setting', 'objectives', 'objective'),
  ofExperiment('a setting twice', '  sample ', '  sample all\n  sample '),
  ofExperiment('an option of a recipe as a setting', '  data ', '  epochs 10\n  data '),
  ofExperiment('a space that is not there', 'own.space', 'mine.space'),
  ofExperiment('an unknown data set', 'motif(train: 40, validation: 20)', 'imagenet'),
  ofExperiment(
    'a folder of images that is not there',
    'motif(train: 40, validation: 20)',
    'folder(folder: images)',
  ),
  ofExperiment('another name of a parameter', 'epochs: 1', 'epochs: 1, lr: 0.001'),
  ofExperiment('an optimizer that is no recipe', 'adamw', 'adam'),
  ofExperiment('training without data', '  data        motif(train: 40, validation: 20)\n', ''),
  ofExperiment('an objective that is none', 'top-1, images', 'top-5, images'),
  ofExperiment('an objective without its batch size', 'images-per-second@16', 'latency'),
  ofExperiment('a batch size that is not measured', 'images-per-second@16', 'images-per-second@64'),
  ofExperiment('one objective', '{top-1, images-per-second@16}', '{top-1}'),
  ofExperiment('more members than the space has', 'size: 2', 'size: 200'),
  ofExperiment('seeds without braces', 'seeds {1}', 'seeds 1, 2'),
  ofExperiment(
    'another number of classes',
    'motif(train: 40, validation: 20)',
    'pair(train: 40, validation: 20)',
  ),
];
