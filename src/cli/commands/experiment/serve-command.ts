/** `serve [DB]`: the page of a database, live while a run writes it. */
import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { databaseSource } from '../../../explore/database-source.js';
import { serveReport } from '../../../report/serve/serve-report.js';
import { reportPage } from '../../../report/write-report.js';
import type { ExperimentResult } from '../../../store/experiment-result.js';
import { databaseHelp, findDatabase } from '../../options/database-argument.js';
import { examples } from '../../options/option-parsers.js';
import { type Io, print } from '../../output/io.js';

interface Options {
  readonly port: number;
  readonly experiment?: string;
  readonly device?: string;
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('must be a port from 0 to 65535');
  return port;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('[db]', databaseHelp)
    .option('--port <port>', 'port of this machine (default: any free one)', portNumber, 0)
    .option('--experiment <id>', 'which experiment of the database (default: the latest)')
    .option('--device <id>', 'which device key (default: the latest)')
    .addHelpText(
      'after',
      '\nOnly this machine can reach the page, and only with the token of the printed address.\n' +
        examples('serve', 'serve reports/quickstart', 'serve reports/quickstart --port 8080'),
    )
    .action(async (argument: string | undefined, { port, experiment, device }: Options) => {
      const page = livePage(findDatabase(argument), {
        ...(experiment !== undefined && { experimentId: experiment }),
        ...(device !== undefined && { deviceId: device }),
      });
      page.version(); // a database that cannot be read is told at once
      const server = await serveReport(page, port, randomBytes(16).toString('base64url'));
      print(io, server.url);
      print(io, 'Press Ctrl-C to stop.');
      await new Promise<void>((done) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
      });
      await server.close();
    });
}

/** Reads the database when it has changed, and builds the page when it is asked for. */
function livePage(
  file: string,
  choice: Parameters<typeof databaseSource>[1],
): { version(): string; html(): string } {
  const source = databaseSource(file, choice);
  let result: ExperimentResult | undefined;
  let [version, builtVersion, html] = [0, -1, ''];
  const update = (): void => {
    const changed = source.read();
    if (!changed) return;
    result = changed;
    version++;
  };
  return {
    version() {
      update();
      return String(version);
    },
    html() {
      update();
      if (builtVersion !== version) {
        html = reportPage(result!, { liveVersion: String(version) });
        builtVersion = version;
      }
      return html;
    },
  };
}
