/**
 * One architecture: strip, costs by stage, speed by batch size, scores with learning curves as sparklines,
 * failures.
 */
import { bytesText, countText, plusMinusText, significantText } from '../../analysis/number-text.js';
import type { Score } from '../../analysis/objectives/result-score.js';
import { testOf } from '../../analysis/objectives/test-split.js';
import { networkCost } from '../../network/network-cost.js';
import type { CandidateResult } from '../../store/experiment-result.js';
import type { EpochRow } from '../../train/train-result.js';
import { cursorCandidate, type ScreenState } from '../screen-state.js';
import { block, type Line, layoutSpans, line, plainName, type Span, span, wrap } from '../styled-lines.js';
import { glyphs, letterRole } from '../terminal-theme.js';

export function detailView(state: ScreenState, width: number, height: number): Line[] {
  const candidate = cursorCandidate(state);
  if (!candidate) return block([line('no layout is selected', 'muted')], width, height);
  const spacious = [
    ...heading(candidate, width),
    [],
    ...costTable(candidate),
    [],
    ...speedTable(candidate),
    [],
    ...scores(candidate, state.score),
    ...failures(candidate, width),
  ];
  const isTight = spacious.length > height;
  const all = isTight ? spacious.filter((each) => each.length > 0) : spacious;
  const from = Math.max(0, Math.min(state.scroll, all.length - height));
  const shown = all.slice(from, from + height);
  if (from + height < all.length && shown.length > 0)
    shown[shown.length - 1] = line(`↓ ${all.length - from - height + 1} more lines`, 'muted');
  return block(shown, width, height);
}

function heading(candidate: CandidateResult, width: number): Line[] {
  const strip = candidate.architecture.stages.flatMap((stage, index): Span[] => [
    ...(index > 0 ? [span(' ')] : []),
    ...stage.blocks.map((each) =>
      span(each.letter.startsWith('I') ? glyphs.hollow : glyphs.square, letterRole(each.letter)),
    ),
  ]);
  return [
    [
      ...strip,
      span('   '),
      ...layoutSpans(candidate.layout),
      span('  '),
      span(candidate.symmetry, candidate.symmetry),
    ],
    ...wrap(
      `widths ${candidate.architecture.stages.map((stage) => stage.width).join(', ')} · ` +
        `${countText(candidate.params)} params · ${countText(candidate.macs)} MACs · ` +
        `${bytesText(candidate.activationBytes)} live activations`,
      width,
    ),
    ...(candidate.arm === undefined ? [] : [line(`arm ${plainName(candidate.arm)}`)]),
    line(`id ${plainName(candidate.architectureId)}`, 'muted'),
  ];
}

/** Pads the columns: the first one is left-aligned, the others right-aligned. */
function grid(head: readonly string[], rows: readonly (readonly string[])[]): Line[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const join = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ');
  return [line(join(head), 'muted'), ...rows.map((row) => line(join(row)))];
}

/** Inferred costs of the network's parts, summed by stage. */
function costTable(candidate: CandidateResult): Line[] {
  try {
    const { parts, total } = networkCost(candidate.architecture);
    const stages = new Map<
      string,
      { output: string; letters: string; params: number; macs: number; activationBytes: number }
    >();
    for (const { name, letter, output, cost } of parts) {
      const stage = name.split('/')[0]!;
      const sum = stages.get(stage) ?? { output: '', letters: '', params: 0, macs: 0, activationBytes: 0 };
      stages.set(stage, {
        output: `${output.height}×${output.width}×${output.channels}`,
        letters: sum.letters + (letter ?? ''),
        params: sum.params + cost.params,
        macs: sum.macs + cost.macs,
        activationBytes: Math.max(sum.activationBytes, cost.activationBytes),
      });
    }
    const share = (part: number, whole: number): string =>
      whole > 0 ? `${Math.round((100 * part) / whole)} %` : '–';
    return grid(
      ['part', 'blocks', 'output', 'params', '', 'MACs', '', 'live'],
      [...stages].map(([name, each]) => [
        name,
        each.letters,
        each.output,
        countText(each.params),
        share(each.params, total.params),
        countText(each.macs),
        share(each.macs, total.macs),
        bytesText(each.activationBytes),
      ]),
    );
  } catch (error) {
    return [line(`cost by stage: ${plainName((error as Error).message)}`, 'warning')];
  }
}

function speedTable(candidate: CandidateResult): Line[] {
  if (candidate.profiles.length === 0) return [line('no speed measured', 'muted')];
  const table = grid(
    ['batch', 'images/s', 'ms p50/p90/p99', 'peak', 'first run', 'runs', 'status'],
    candidate.profiles.map((profile) => [
      String(profile.batch),
      profile.imagesPerSecond ? plusMinusText(profile.imagesPerSecond) : '–',
      profile.latencyMs
        ? [profile.latencyMs.p50, profile.latencyMs.p90, profile.latencyMs.p99].map(significantText).join('/')
        : '–',
      profile.peakBytes === undefined ? '–' : bytesText(profile.peakBytes),
      profile.firstRunMs === undefined ? '–' : `${significantText(profile.firstRunMs)} ms`,
      String(profile.launches.length),
      profile.status,
    ]),
  );
  const flags = candidate.profiles
    .filter((profile) => profile.flags.length > 0)
    .map((profile) => line(`batch ${profile.batch}: ${profile.flags.join(', ')}`, 'muted'));
  return [...table, ...flags];
}

const bars = '▁▂▃▄▅▆▇█';

/** One bar per value, scaled from the lowest to the highest. */
export function sparkline(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values
    .map((value) => bars[high > low ? Math.round(((value - low) / (high - low)) * (bars.length - 1)) : 0])
    .join('');
}

function scores(candidate: CandidateResult, score: Score): Line[] {
  const curveText = (curve: readonly EpochRow[]): string =>
    sparkline(
      thinned(
        curve.flatMap((row) => score.ofEpoch(row) ?? []),
        40,
      ),
    );
  const stopped = (candidate.stopped ?? []).map(
    ({ seed, reason, curve }): Line => [
      span(`seed ${seed}  stopped after ${curve.length}  `),
      span(curveText(curve), 'muted'),
      span(`  ${reason}`, 'muted'),
    ],
  );
  if (candidate.scores.length === 0) return stopped.length > 0 ? stopped : [line('no score yet', 'muted')];
  const mean = score.read(candidate);
  return [
    ...(mean ? [line(`${score.short} ${score.text(mean)}`, 'strong')] : []),
    ...candidate.scores.map((each): Line => {
      const value = score.ofSeed(each);
      const test = testOf(score, each.test);
      const own = score.id === 'loss' ? [] : [value === undefined ? '–' : score.valueText(value).padStart(7)];
      return [
        span(
          [
            `seed ${each.seed}`,
            ...own,
            `loss ${each.loss === undefined ? '–' : significantText(each.loss)}`,
            `${significantText(each.seconds)} s`,
            '',
          ].join('  '),
        ),
        span(curveText(each.curve), 'good'),
        span(`  validation ${score.short} by epoch`, 'muted'),
        ...(test === undefined ? [] : [span(`  test split ${score.valueText(test)}`, 'strong')]),
      ];
    }),
    ...stopped,
  ];
}

const thinned = (values: readonly number[], most: number): number[] =>
  values.length <= most
    ? [...values]
    : Array.from({ length: most }, (_, i) => values[Math.round((i * (values.length - 1)) / (most - 1))]!);

function failures(candidate: CandidateResult, width: number): Line[] {
  return candidate.failures.flatMap(({ job, status, reason, batch, seed }) => {
    const name = [
      job,
      ...(batch === undefined ? [] : [`batch ${batch}`]),
      ...(seed === undefined ? [] : [`seed ${seed}`]),
    ].join(', ');
    const text = `${glyphs.failed} ${name}: ${status}${reason ? ` – ${reason}` : ''}`;
    return wrap(plainName(text), width, 'warning');
  });
}
