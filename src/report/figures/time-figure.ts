/** Seconds of all jobs by kind of work: training, process start, network building, first runs, warm-up. */
import type { Figure } from './figure.js';

export interface TimeInfo {
  readonly parts: readonly { readonly label: string; readonly seconds: number }[];
}

export const timeFigure = {
  name: 'time',
  title: () => 'Time by kind of work',
  caption: () =>
    [
      'Measured seconds over all finished jobs of this device.',
      'Process start, building and first runs are not part of images per second.',
      'The timed passes are not included here.',
    ].join(' '),
  info({ candidates }) {
    const launches = candidates.flatMap((candidate) =>
      candidate.profiles.flatMap((profile) => profile.launches),
    );
    const sum = (values: readonly (number | undefined)[]): number =>
      values.reduce<number>((total, value) => total + (value ?? 0), 0);
    const starts = candidates.map((candidate) =>
      candidate.profiles[0]
        ? candidate.profiles[0].coldStartMs * Math.max(1, candidate.profiles[0].launches.length)
        : 0,
    );
    const parts = [
      {
        label: 'Training',
        seconds: sum(candidates.flatMap((candidate) => candidate.scores.map((score) => score.seconds))),
      },
      { label: 'Starting processes', seconds: sum(starts) / 1000 },
      { label: 'Building networks', seconds: sum(launches.map((launch) => launch.buildMs)) / 1000 },
      { label: 'First runs', seconds: sum(launches.map((launch) => launch.firstRunMs)) / 1000 },
      { label: 'Warming up', seconds: sum(launches.map((launch) => launch.warmupMs)) / 1000 },
    ]
      .map((part) => ({ ...part, seconds: Number(part.seconds.toPrecision(4)) }))
      .filter((part) => part.seconds > 0);
    return parts.length > 1 ? { parts } : undefined; // one part alone compares with nothing
  },
  chart({ parts }) {
    const total = parts.reduce((sum, { seconds }) => sum + seconds, 0);
    return {
      title: 'Time by kind of work',
      x: { title: 'Seconds', scale: 'linear', least: 0 },
      y: { title: '', scale: 'categories', categories: parts.map(({ label }) => label) },
      aspect: 0.12 + 0.07 * parts.length,
      marks: [
        {
          kind: 'bars',
          ink: 'text',
          bars: parts.map(({ seconds }, y) => ({
            y,
            x: seconds,
            label: `${Number(seconds.toPrecision(3))} s, ${Math.round((100 * seconds) / total)} %`,
          })),
        },
      ],
    };
  },
} satisfies Figure<TimeInfo>;
