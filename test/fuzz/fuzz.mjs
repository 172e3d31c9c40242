/**
 * Fuzz run over space and experiment files: every input must end in a space that counts or in a diagnostic at a place inside the
 * text, in reasonable time and memory. Plain JavaScript over the built code, so that what is measured is the tool's own.
 *   node test/fuzz/fuzz.mjs [--runs 100000] [--seed 1] [--seconds 2]
 * Prints one JSON line with the figures; exits with 1 at the first input that breaks the rule, and prints it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseExperiment, parseSpaceFile } from '../../dist/language/parse.js';
import { printSpace } from '../../dist/language/print.js';
import { lintSpace } from '../../dist/space/inspect/lint.js';
import { spaceFromText } from '../../dist/space/load.js';
import { DiagnosticError, UserError } from '../../dist/util/errors.js';
import { seededRandom } from '../../dist/util/random.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    /** Processor time of one input, which a busy machine does not stretch much. */
    seconds: { type: 'string', default: '2' },
    offset: { type: 'string', default: '0' },
  },
});
const root = resolve(import.meta.dirname, '../..');
const limitMs = Number(values.seconds) * 1000;

const folder = join(root, 'search-spaces');
const spaces = readdirSync(folder)
  .filter((file) => file.endsWith('.space'))
  .map((file) => readFileSync(join(folder, file), 'utf8'));
const examples = [
  ...readFileSync(join(folder, 'REFERENCE.md'), 'utf8').matchAll(/```space\n([^]*?)```/g),
].map((match) => match[1]);
const small = `space good
  input 8x8x3   classes 2
  let w = {8, 16}
  block C = fused-mbconv(expand: {1, 2} per stage, se: 0)
  block T = transformer(head-dim: 8)
  pattern mix = C | [0.5] C T
  rule r = C | [0.5] T r
  stem conv(width: w, layers: 1)
  stage 1  width w  mix{1,2}
  stage 2  width 2 * w  depth 1..3  (C | T)+
  stage 3  width 32  depth 1..4  r
  head pool-linear
  where count(T) >= 1 and params <= 1M and not C before T in 2
`;
const experiments = readdirSync(join(root, 'experiments'))
  .filter((file) => file.endsWith('.experiment'))
  .map((file) => readFileSync(join(root, 'experiments', file), 'utf8'));
const pieces = [
  '{',
  '}',
  '(',
  ')',
  '|',
  '*',
  '+',
  '?',
  '{1,9}',
  '{0,}',
  '{,256}',
  '{1,1000000000}',
  '..',
  '1..4096',
  ' step 1',
  'where ',
  'stage 3 ',
  'stage 1 ',
  'width ',
  'depth 1..200 ',
  'w',
  '0',
  '1e9',
  '1e308',
  '99999999999999999999',
  '"',
  '%',
  '5%',
  'C',
  'T',
  "C'",
  '\n',
  'rule r = C | r r\n',
  'rule ',
  'pattern ',
  'mix',
  ' = ',
  'per stage',
  '==',
  '<=',
  'macs',
  'params <= 1M',
  'macs(2) <= 10M',
  'memory <= 1K',
  'asymmetry > 0.3',
  'symmetric',
  'rising(T)',
  'mirror(1, 2)',
  'equal(1, 2)',
  'no TC',
  'not ',
  ' and ',
  ' or ',
  'within 2% of C-CT',
  'mirrors 1',
  'downsample none',
  'stride 2',
  'let z = 1..64\n',
  'import "x.space"\n',
  'refines "y.space"',
  '\u0000',
  '\uFEFF',
  'é',
  '𝒞',
  '#',
  '-',
  '/',
  '* w',
  '[0.5]',
  '[',
  ']',
  '((((((((',
  '))))))))',
];
const words = [
  'space',
  'x',
  'input',
  '32x32x3',
  'classes',
  '10',
  'let',
  'a',
  '=',
  '{',
  '}',
  ',',
  '..',
  'block',
  'C',
  'T',
  'fused-mbconv',
  'transformer',
  '(',
  ')',
  ':',
  'expand',
  '4',
  'stem',
  'conv',
  'width',
  'stage',
  '1',
  '2',
  '|',
  '?',
  '+',
  '*',
  'head',
  'pool-linear',
  'where',
  'count',
  '>=',
  'and',
  'or',
  'not',
  '\n',
];

/** The input of a run: the same for a seed and number, so that a failure can be repeated alone. */
function inputOf(run) {
  const random = seededRandom(`fuzz ${values.seed} ${run}`);
  const pick = (list) => list[random.integer(list.length)];
  const kind = random.integer(20);
  if (kind === 0)
    return {
      kind: 'space',
      text: Array.from({ length: random.integer(200) }, () => String.fromCharCode(random.integer(300))).join(
        '',
      ),
    };
  if (kind <= 2)
    return {
      kind: 'space',
      text: `space x ${Array.from({ length: random.integer(120) }, () => pick(words)).join(' ')}`,
    };
  const experiment = kind <= 4;
  const spaceText = () => {
    if (kind <= 11) return small;
    return kind <= 14 && examples.length > 0 ? pick(examples) : pick(spaces);
  };
  let text = experiment ? pick(experiments) : spaceText();
  for (let edit = random.integer(4); edit >= 0; edit--) {
    const at = random.integer(text.length + 1);
    const to = Math.min(text.length, at + 1 + random.integer(random.integer(4) === 0 ? 200 : 12));
    switch (random.integer(6)) {
      case 0:
        text = text.slice(0, at) + text.slice(to);
        break;
      case 1:
      case 2:
        text = text.slice(0, at) + pick(pieces) + text.slice(at);
        break;
      case 3:
        text = text.slice(0, at) + String.fromCharCode(random.integer(256)) + text.slice(at + 1);
        break;
      case 4:
        text = text.slice(0, at) + text.slice(at, to).repeat(1 + random.integer(5)) + text.slice(to);
        break;
      default: {
        // a stretch moved elsewhere
        const stretch = text.slice(at, to);
        const rest = text.slice(0, at) + text.slice(to);
        const place = random.integer(rest.length + 1);
        text = rest.slice(0, place) + stretch + rest.slice(place);
      }
    }
  }
  return { kind: experiment ? 'experiment' : 'space', text };
}

/** What is wrong with the answer to an input; undefined where all is well. */
function verdict({ kind, text }, figures) {
  if (kind === 'experiment') {
    const { experiment, diagnostics } = parseExperiment(text, 'fuzz.experiment');
    if (!experiment && diagnostics.length === 0) return 'neither an experiment nor a diagnostic';
    return misplaced(diagnostics, text, 'fuzz.experiment');
  }
  const { space, diagnostics } = spaceFromText(text, join(folder, 'fuzz.space'));
  if (!space) {
    figures.diagnosed++;
    if (!diagnostics.some(({ severity }) => severity === 'error')) return 'neither a space nor an error';
    return misplaced(diagnostics, text, join(folder, 'fuzz.space'));
  }
  figures.spaces++;
  const count = space.count();
  if (count.exact && count.count < 1n) return 'a space without members';
  const { ast } = parseSpaceFile(text, 'fuzz.space');
  const printed = printSpace(ast);
  if (printSpace(parseSpaceFile(printed, 'fuzz.space').ast) !== printed)
    return 'its canonical form does not read back to itself';
  if (figures.spaces % 20 === 0) {
    lintSpace(space);
    const member = space.sample(seededRandom(1));
    if (!space.contains(member).member) return 'a draw that is no member';
  }
  return undefined;
}

function misplaced(diagnostics, text, file) {
  const lines = text.split('\n');
  const wrong = diagnostics.find(
    ({ span }) =>
      span.file === file &&
      (span.line < 1 ||
        span.line > lines.length ||
        span.column < 1 ||
        span.column > lines[span.line - 1].length + 2 ||
        !(span.length >= 1)),
  );
  return wrong && `a diagnostic outside the text: ${JSON.stringify(wrong)}`;
}

const figures = { runs: 0, spaces: 0, diagnosed: 0, slowestMs: 0, slowest: -1 };
const start = performance.now();
for (let run = Number(values.offset); run < Number(values.offset) + Number(values.runs); run++) {
  const input = inputOf(run);
  const before = process.cpuUsage();
  let problem;
  try {
    problem = verdict(input, figures);
  } catch (error) {
    // A condition about a named member may be wrong only once the space is there: still a diagnostic.
    problem =
      error instanceof DiagnosticError || error instanceof UserError
        ? undefined
        : `it throws: ${error?.stack ?? error}`;
  }
  const used = process.cpuUsage(before);
  const ms = (used.user + used.system) / 1000;
  if (ms > figures.slowestMs) [figures.slowestMs, figures.slowest] = [ms, run];
  if (ms > limitMs) problem ??= `it takes ${Math.round(ms)} ms of processor time`;
  figures.runs++;
  if (problem !== undefined) {
    console.error(`run ${run}: ${problem}\n---\n${input.text}\n---`);
    process.exit(1);
  }
}
console.log(
  JSON.stringify({
    ...figures,
    slowestMs: Math.round(figures.slowestMs),
    seconds: Math.round((performance.now() - start) / 1000),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
