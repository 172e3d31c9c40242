/** Progress of a set-up, printed as bars on a terminal and as plain lines elsewhere. */
import cliProgress from 'cli-progress';

export type SetupProgress =
  /** A step begins. */
  | { readonly kind: 'step'; readonly text: string }
  /** Progress of a step: `done` of `total` bytes. */
  | { readonly kind: 'bytes'; readonly text: string; readonly done: number; readonly total: number }
  /** A notice. */
  | { readonly kind: 'note'; readonly text: string }
  /** A line of a program's output; shown with `verbose` only. */
  | { readonly kind: 'detail'; readonly text: string };

export type OnProgress = (progress: SetupProgress) => void;

export interface ProgressPrinter {
  readonly onProgress: OnProgress;
  /** Ends the bar. */
  close(): void;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** Plain lines: each step once, and its bytes at each quarter. */
function linePrinter(write: (line: string) => void): OnProgress {
  let text = '';
  let quarter = 0;
  return (progress) => {
    if (progress.kind !== 'bytes') return write(progress.text);
    if (progress.text !== text) {
      text = progress.text;
      quarter = 0;
    }
    const reached = Math.floor((4 * progress.done) / progress.total);
    if (reached > quarter) write(`${text}: ${megabytes(progress.done)} of ${megabytes(progress.total)} MB`);
    quarter = Math.max(quarter, reached);
  };
}

export interface PrinterOptions {
  /** Default: stderr. */
  readonly stream?: NodeJS.WriteStream;
  /** Prints the programs' output too. */
  readonly verbose?: boolean;
  /** Changes each line before it is printed. */
  readonly worded?: (line: string) => string;
}

export function createProgressPrinter(options: PrinterOptions = {}): ProgressPrinter {
  const stream = options.stream ?? process.stderr;
  const { worded = (line) => line } = options;
  const write = (line: string) => void stream.write(`${worded(line)}\n`);
  const plain = linePrinter(write);
  let bar: cliProgress.SingleBar | undefined;
  let barText = '';
  const close = () => {
    bar?.stop();
    bar = undefined;
    barText = '';
  };
  const onProgress: OnProgress = (progress) => {
    if (progress.kind === 'detail' && options.verbose !== true) return;
    if (progress.kind !== 'bytes' || !stream.isTTY) {
      close();
      return plain(progress);
    }
    if (bar === undefined || barText !== progress.text) {
      close();
      barText = progress.text;
      bar = new cliProgress.SingleBar(
        {
          stream,
          hideCursor: true,
          barsize: 24,
          etaBuffer: 50,
          format: '{text} {bar} {percentage}%  {megabytes} MB  {rate}  {eta_formatted} left',
        },
        cliProgress.Presets.shades_classic,
      );
      bar.start(progress.total, progress.done, {
        text: progress.text,
        megabytes: '',
        rate: '',
        began: Date.now(),
        from: progress.done,
      });
    }
    const payload = bar as unknown as { payload: { began: number; from: number } };
    const seconds = (Date.now() - payload.payload.began) / 1000;
    const rate =
      seconds > 0.5 ? `${((progress.done - payload.payload.from) / 1e6 / seconds).toFixed(1)} MB/s` : '';
    bar.setTotal(progress.total);
    bar.update(progress.done, {
      megabytes: `${megabytes(progress.done)}/${megabytes(progress.total)}`,
      rate,
    });
  };
  return { onProgress, close };
}
