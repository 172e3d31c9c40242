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

export const soundAblation = `experiment ablation
  space       own.space
  question    "does MBConv score higher?"
  baseline    C-CT
  factors     {block(letter: C, to: mbconv(expand: 2))}
  rule        better(by: 0.01, looks: once)
  data        motif(train: 40, validation: 20)
  train       adamw(epochs: 1)  seeds {1, 2}
  objectives  {top-1, macs}
`;

export const soundSearch = `experiment search
  space       own.space
  strategy    nsga2(population: 4)  seed 1
  budget      4 trials
  data        motif(train: 40, validation: 20)
  train       adamw(epochs: 1)
  objectives  {top-1, macs}
`;

/** File name → text, in which a mistake changes one thing. */
export const soundFiles = {
  space: ['own.space', soundSpace],
  experiment: ['own.experiment', soundExperiment],
  ablation: ['ablation.experiment', soundAblation],
  search: ['search.experiment', soundSearch],
} as const;

export interface Mistake {
  readonly title: string;
  readonly args: readonly string[];
  /** `[from, to]` in one of the sound files. */
  readonly change?: { readonly of: keyof typeof soundFiles; readonly by: readonly [string, string] };
}

const count = ['count', 'own.space'];
const changing =
  (of: keyof typeof soundFiles, args: readonly string[]) =>
  (title: string, from: string, to: string): Mistake => ({ title, args, change: { of, by: [from, to] } });
const ofSpace = changing('space', count);
const ofExperiment = changing('experiment', ['check', 'own.experiment']);
const ofAblation = changing('ablation', ['check', 'ablation.experiment']);
const ofSearch = changing('search', ['check', 'search.experiment']);

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
  ofExperiment('a missing bracket of a setting', 'adamw(epochs: 1)', 'adamw(epochs: 1'),
  ofExperiment('a GPU as runtime', '  data ', '  runtime cuda\n  data '),
  ofExperiment('a precision of another name', '  data ', '  runtime auto(precision: fp16)\n  data '),
  ofExperiment('devices as a setting', '  data ', '  devices {gpu, cpu}\n  data '),
  ofExperiment(
    'weights that are not there',
    '  train ',
    '  initial weights(file: best.safetensors)\n  train ',
  ),
  // ablations
  ofAblation('factors without a question', '  question    "does MBConv score higher?"\n', ''),
  ofAblation('a question without quotes', '"does MBConv score higher?"', 'does MBConv score higher?'),
  ofAblation('a baseline that is no member', 'C-CT', 'C-CCT'),
  ofAblation('an unknown factor', 'block(letter: C', 'blocks(letter: C'),
  ofAblation('a letter that the baseline lacks', 'letter: C', 'letter: S'),
  ofAblation('a factor without levels', ', to: mbconv(expand: 2))', ')'),
  ofAblation('a level that is the baseline’s', 'mbconv(expand: 2)', 'fused-mbconv(expand: 2)'),
  ofAblation(
    'a recipe’s parameter under another name',
    'block(letter: C, to: mbconv(expand: 2))',
    'recipe(parameter: lr, to: 0.01)',
  ),
  ofAblation('a margin above one', 'by: 0.01', 'by: 5'),
  ofAblation('a tolerance that no width meets', '  rule ', '  hold  equal(macs: 0.0001)\n  rule '),
  ofAblation('an unknown cost to hold', '  rule ', '  hold  equal(flops: 0.05)\n  rule '),
  ofAblation('an unknown design', '  rule ', '  design  grid\n  rule '),
  ofAblation('a sample beside factors', '  rule ', '  sample  all\n  rule '),
  ofAblation('published numbers that are not there', '  rule ', '  published  paper.csv\n  rule '),
  // searches
  ofSearch('a strategy of another name', 'nsga2(population: 4)', 'evolution'),
  ofSearch('a strategy’s parameter of another name', 'population: 4', 'population_size: 4'),
  ofSearch('a strategy beside a sample', '  budget ', '  sample all\n  budget '),
  ofSearch('a budget without a unit', '4 trials', '4'),
  ofSearch('a budget in epochs', '4 trials', '40 epochs'),
  ofSearch('a unit behind a bound', '  budget ', '  where  latency@1 <= 5ms\n  budget '),
  ofSearch('history without from', '  budget ', '  history  old.sqlite\n  budget '),
  ofSearch('history that is not there', '  budget ', '  history  from old.sqlite\n  budget '),
  // commands on results of several devices
  { title: 'an experiment in place of a database', args: ['devices', 'own.experiment'] },
  { title: 'a space in place of an ablation', args: ['ablation', 'own.space'] },
  { title: 'an experiment that is no ablation', args: ['ablation', 'own.experiment'] },
];
