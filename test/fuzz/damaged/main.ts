/**
 * `npm run fuzz:files -- --database FILE`: the campaign over damaged files. Prints one JSON line, and each
 * broken rule on stderr; exits with 1 where there is one.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStore } from '../../../src/store/open-store.js';
import { architecturesByPrefix } from '../../../src/store/tables/architecture-table.js';
import { writeCheckpoint } from '../../../src/train/loop/checkpoint.js';
import { readWeightsFile } from '../../../src/train/weights/weights-file.js';
import { runCampaign, type SoundFiles } from './campaign.js';

const { values } = parseArgs({
  options: {
    database: { type: 'string' },
    experiment: { type: 'string' },
    cases: { type: 'string', default: '2000' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    'child-every': { type: 'string', default: '120' },
  },
});
if (values.database === undefined) throw new Error('--database FILE is needed, with a report beside it');
const folder = mkdtempSync(join(tmpdir(), 'stagecraft-damaged-'));
const weightsFolder = `${values.database}.weights`;
const weights = join(weightsFolder, readdirSync(weightsFolder)[0]!);
const checkpoint = join(folder, 'sound-checkpoint');
const tensors = readWeightsFile(weights).weights;
const row = {
  epoch: 1,
  trainLoss: 1,
  validationLoss: 1,
  learningRate: 1e-3,
  gradientNorm: 1,
  imagesPerSecond: 1,
  seconds: 1,
};
writeCheckpoint(checkpoint, {
  request: 'campaign',
  step: 10,
  weights: tensors,
  slots: new Map(),
  epochs: [row],
  seconds: 1,
  firstStepMs: 1,
});
const store = openStore(values.database, { readonly: true });
const architecture = architecturesByPrefix(store, '', 1)[0]!.id;
store.close();
const sound: SoundFiles = {
  database: values.database,
  weights,
  checkpoint,
  json: join(dirname(values.database), 'results.json'),
  architecture,
  ...(values.experiment === undefined ? {} : { experiment: values.experiment }),
};
const { problems, ...figures } = await runCampaign(sound, folder, {
  seed: values.seed,
  from: Number(values.from),
  cases: Number(values.cases),
  childEvery: Number(values['child-every']),
  onProblem: (problem) => process.stderr.write(`${JSON.stringify(problem)}\n`),
});
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify({ ...figures, problems: problems.length })}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
