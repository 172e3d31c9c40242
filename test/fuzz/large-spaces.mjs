/**
 * Random large spaces: many stages, long layouts, wide choices and hard conditions. Each must be a space or a diagnostic within
 * the given processor time, whatever its automata would be. Plain JavaScript over the built code, like fuzz.mjs.
 *   node test/fuzz/large-spaces.mjs [--runs 300] [--seed 1] [--seconds 2] [--offset 0] [--each]
 * Prints one JSON line, with `--each` also the time and outcome of every input; exits with 1 where inputs take longer, and
 * prints them.
 */
import { parseArgs } from 'node:util';
import { spaceFromText } from '../../dist/space/load.js';
import { seededRandom } from '../../dist/util/random.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    /** Processor time of one input. */
    seconds: { type: 'string', default: '2' },
    offset: { type: 'string', default: '0' },
    each: { type: 'boolean', default: false },
  },
});

function textOf(run) {
  const random = seededRandom(`large ${values.seed} ${run}`);
  const pick = (list) => list[random.integer(list.length)];
  const upTo = (limit) => 1 + random.integer(limit);
  const stages = pick([1, 2, 4, 8, 12, 30, 64]);
  const stage = () => upTo(stages);
  const widths = () => pick(['16', '{16, 32}', '{8, 16, 24, 32, 40}', '8..256 step 8', 'w']);
  const most = () => pick([4, 14, 30, 60, 120, 256]);
  const layout = () =>
    pick([
      () => `(C | T){1,${most()}}`,
      () => `depth 1..${most()} C* T* C`,
      () => `depth 1..${most()} (C | T T | C T C)+`,
      () => `depth 1..${most()} r`,
      () => `depth 1..${most()} (C | T)* T (C | T){${upTo(16)}}`,
      () => `(C? T?){1,${pick([4, 30, 128])}}`,
    ])();
  const number = () =>
    pick([
      () => `count(${pick(['C', 'T'])})`,
      () => `count(T, ${stage()})`,
      () => `count(C, ${stage()})`,
      () => `share(T)`,
      () => `width(${stage()})`,
      () => 'asymmetry',
      () => `params(${stage()})`,
      () => `macs`,
      () => 'params',
      () => 'memory',
    ])();
  const condition = () =>
    pick([
      () => `${number()} ${pick(['==', '<=', '>=', '!='])} ${number()}`,
      () => `${number()} ${pick(['==', '<=', '>='])} ${pick(['3', '20', '0.3', '100K', '1M', '20M'])}`,
      () => `${number()} + ${number()} >= ${number()} * ${upTo(4)}`,
      () => `mirror(1, ${Math.max(2, stage())})`,
      () => `equal(1, ${Math.max(2, stage())})`,
      () =>
        pick([
          'symmetric',
          'asymmetric',
          'rising(T)',
          'falling(C)',
          'no TC',
          'not C before T',
          'alternating',
        ]),
      () => `params <= ${pick(['300K', '3M', '30M'])} and macs <= ${pick(['20M', '100M', '2G'])}`,
    ])();
  const lines = Array.from(
    { length: stages },
    (_, index) => `  stage ${index + 1}  width ${widths()}  ${layout()}`,
  );
  const wheres = Array.from({ length: random.integer(7) }, () => `  where ${condition()}`);
  const perBlock = pick([
    '2',
    '{1, 2, 4}',
    '{1, 2, 3, 4, 5, 6}',
    '{1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 8, 10, 12, 14, 16}',
    '{1, 2} per stage',
  ]);
  return [
    'space large',
    `  input ${pick(['32x32x3', '224x224x3'])}  classes 10`,
    '  let w = {8, 16, 24, 32}',
    `  block C = fused-mbconv(expand: ${perBlock}, se: ${pick(['0', '{0, 0.25}'])})`,
    '  block T = transformer(head-dim: 8)',
    '  rule r = C | T r | C r T',
    '  stem conv(width: 16)',
    ...lines,
    '  head pool-linear',
    ...wheres,
    '',
  ].join('\n');
}

const figures = { runs: 0, spaces: 0, slowestMs: 0, slowest: -1, slow: 0 };
for (let run = Number(values.offset); run < Number(values.offset) + Number(values.runs); run++) {
  const text = textOf(run);
  const before = process.cpuUsage();
  const { space, diagnostics } = spaceFromText(text, 'large.space');
  const used = process.cpuUsage(before);
  const ms = (used.user + used.system) / 1000;
  figures.runs++;
  figures.spaces += Number(space !== undefined);
  if (values.each) {
    const filtered = space?.filters.length ?? 0;
    const outcome = space ? `space, ${filtered} filters` : diagnostics[0]?.message;
    console.log(`${run}\t${Math.round(ms)} ms\t${outcome}`);
  }
  if (ms > figures.slowestMs) [figures.slowestMs, figures.slowest] = [Math.round(ms), run];
  if (ms <= Number(values.seconds) * 1000) continue;
  figures.slow++;
  console.error(`run ${run}: it takes ${Math.round(ms)} ms of processor time\n---\n${text}---`);
}
console.log(JSON.stringify(figures));
process.exitCode = figures.slow > 0 ? 1 : 0;
