/**
 * `stagecraft doctor`: reports which engine, device and store are used, and what prevents better ones.
 * Gathers facts first; the report is a pure function of them, so each finding can be tested on any machine.
 */
import pc from 'picocolors';
import { UserError } from '../../util/errors.js';
import { provingEnvironment } from '../engine/engine-environment.js';
import type { EngineMeasurement } from '../engine/engine-info.js';
import { cacheFolder } from '../engine/engine-paths.js';
import { type Finding, gpuFindings, visibleDevices } from '../engine/gpu-findings.js';
import { kernelFindings } from '../engine/kernel-findings.js';
import { type EngineSearch, searchEngine } from '../engine/locate-engine.js';
import { deviceVariables } from '../engine/named-device.js';
import { type KernelState, kernelState } from '../engine/processor-kernels.js';
import { type Proof, proveEngine } from '../engine/prove-engine.js';
import type { GpuDevice } from '../host/gpu-facts.js';
import { type HostFacts, readHost } from '../host/host-facts.js';
import { installHints } from '../host/install-hints.js';
import { planEngine } from '../install/plan-engine.js';
import { inspectPython, type PythonFacts } from '../python/inspect-python.js';
import { pythonFindings, verifiedPythonFindings } from '../python/python-findings.js';
import { type AddonState, addonState } from '../sqlite/addon-state.js';
import { notVerified, type VerifiedDevice, verifiedDevices } from '../verified/verified-devices.js';
import { type XlaChoice, xlaChoices } from '../verified/xla-choices.js';
import { compilerSize } from '../wheels/borrow-compiler.js';

export type { Finding } from '../engine/gpu-findings.js';

export interface DoctorFacts {
  readonly host: HostFacts;
  readonly addon: AddonState;
  readonly search: EngineSearch | { readonly state: 'wrong'; readonly message: string };
  /** Result of trying the engine; undefined where there is none or it was not requested. */
  readonly proof: Proof | undefined;
  /** State of the engine's own kernels; undefined where there is no engine. */
  readonly kernels?: KernelState | undefined;
  /** Why the device that STAGECRAFT_DEVICE names cannot be used. */
  readonly deviceProblem?: UserError | undefined;
  /** The interpreter of the runtimes in Python; undefined where it was not looked at. */
  readonly python?: PythonFacts;
  readonly cache: string;
  /** Devices that `verify-device` has passed on. */
  readonly verified?: readonly VerifiedDevice[];
  /** Whether XLA is the default of GPUs that were probed. */
  readonly xla?: readonly XlaChoice[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface DoctorReport {
  /** False where the native engine, the store, or an existing GPU does not work. */
  readonly ok: boolean;
  readonly runtime: 'tensorflow' | 'wasm';
  readonly device: 'cpu' | 'gpu';
  /** Of the GPU in use, e.g. `NVIDIA H100 80GB HBM3`; `CPU` without one. */
  readonly deviceName: string;
  readonly versions: Readonly<Record<string, string>>;
  /** GPUs that the driver lists, by index. */
  readonly gpus: readonly GpuDevice[];
  readonly engineFolder: string;
  readonly cacheFolder: string;
  /** Measured by this call; null where no engine runs. */
  readonly measured: EngineMeasurement | null;
  readonly findings: readonly Finding[];
  /** TensorFlow's own lines. */
  readonly log: string;
}

const finding = (id: string, level: Finding['level'], text: string, fix = ''): Finding => ({
  id,
  level,
  text,
  fix,
});

/** Why there is no engine: a missing prerequisite, or no set-up yet. */
function absentEngine(host: HostFacts): Finding {
  try {
    planEngine(host);
    return finding(
      'engine-absent',
      'error',
      'the native engine is not set up: wasm is used, which is many times slower',
      'run `npx stagecraft setup`',
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return finding('engine-impossible', 'error', error.message.replace(/^setup: /, ''), error.fix ?? '');
  }
}

function engineFindings({ search, proof, host }: DoctorFacts): Finding[] {
  switch (search.state) {
    case 'wrong':
      return [finding('engine-named', 'error', search.message, 'unset STAGECRAFT_ENGINE')];
    case 'absent':
      return [absentEngine(host)];
    case 'damaged':
      return [
        finding(
          'engine-damaged',
          'error',
          `the native engine is incomplete: ${search.file} is missing or changed in ${search.folder}`,
          'run `npx stagecraft setup`',
        ),
      ];
    case 'found': {
      if (proof?.ok === false)
        return [
          finding(
            'engine-fails',
            'error',
            `the native engine does not run: ${proof.reason}`,
            'run `npx stagecraft setup --force`',
          ),
        ];
      const { info } = search.engine;
      return [
        finding(
          'engine-used',
          'ok',
          `TensorFlow ${info.tensorflowVersion} (${info.kind}) through tfjs-node-gpu ${info.tfjsVersion}`,
        ),
      ];
    }
    default:
      return search satisfies never;
  }
}

/** Whether `verify-device` has passed on the GPU in use, or with wasm, where that is what runs. */
function verifiedFindings(
  { host, search, verified = [] }: DoctorFacts,
  runtime: 'tensorflow' | 'wasm',
  device: 'cpu' | 'gpu',
): Finding[] {
  if (runtime === 'tensorflow' && device === 'cpu') return [];
  const version = search.state === 'found' ? search.engine.info.tensorflowVersion : '';
  const found = verified.find(
    (each) =>
      each.runtime === runtime &&
      each.kind === device &&
      each.runtimeVersion.includes(version) &&
      (device === 'cpu' ||
        (each.driver === host.gpus.driver &&
          host.gpus.devices.some(({ uuid }) => each.device.startsWith(uuid)))),
  );
  const name = device === 'gpu' ? 'the GPU' : 'wasm';
  if (found)
    return [finding('device-verified', 'ok', `${name}: verified on ${found.verifiedAt.slice(0, 10)}`)];
  return [
    finding('device-unverified', 'note', `${name}: ${notVerified}`, 'run `npx stagecraft verify-device`'),
  ];
}

/** What a probe chose for the GPU in use, under the present driver. */
const xlaFindings = ({ host: { gpus }, xla = [] }: DoctorFacts): Finding[] =>
  xla
    .filter(
      ({ device, driver }) =>
        driver === gpus.driver && gpus.devices.some(({ uuid }) => device.startsWith(uuid)),
    )
    .map(({ xla: chosen, precision, reason, chosenAt }) =>
      finding(
        chosen ? 'xla-default' : 'xla-off',
        'ok',
        `XLA is ${chosen ? 'the default' : 'off by default'} for ${precision}: ${reason}, ` +
          `probed on ${chosenAt.slice(0, 10)}`,
      ),
    );

function compilerFinding(host: HostFacts, level: Finding['level']): Finding {
  const size = compilerSize(host);
  return size === undefined
    ? finding('compiler-missing', level, 'a C++ compiler is not found', installHints.compiler)
    : finding(
        'compiler-borrowed',
        'note',
        `a C++ compiler is not found: set-up downloads one (${size.download} MB) and deletes it afterwards`,
      );
}

/** Missing tools that a set-up needs: a note where the engine runs, else a warning. */
function toolFindings(host: HostFacts, engineRuns: boolean): Finding[] {
  const level = engineRuns ? 'note' : 'warning';
  return [
    ...(host.python === undefined
      ? [finding('python-missing', level, 'Python 3 is not found', installHints.python)]
      : []),
    ...(host.python !== undefined && host.pip === undefined
      ? [
          finding(
            'pip-missing',
            level,
            `${host.python.command} ${host.python.version} has no pip`,
            installHints.python,
          ),
        ]
      : []),
    ...(host.compiler === undefined ? [compilerFinding(host, level)] : []),
    ...(host.npm === undefined ? [finding('npm-missing', level, 'npm is not found', installHints.npm)] : []),
  ];
}

/** The GPU that TensorFlow computes on. */
const gpuName = ({ host: { gpus }, env }: DoctorFacts): string =>
  visibleDevices({ gpus, env })[0]?.name ?? 'GPU';

/** Derives the report from the facts. Pure. */
export function diagnose(facts: DoctorFacts): DoctorReport {
  const { host, addon, search, proof } = facts;
  const engine = search.state === 'found' ? search.engine : undefined;
  const runs = engine !== undefined && proof?.ok !== false;
  const measured = proof?.ok === true ? proof.measured : null;
  const onGpu = gpuFindings({
    gpus: host.gpus,
    platform: host.platform,
    arch: host.arch,
    engineKind: engine?.info.kind,
    log: proof?.log ?? '',
    env: facts.env,
    usesGpu: measured === null ? undefined : measured.device === 'gpu',
  });
  const findings = [
    ...engineFindings(facts),
    ...(facts.kernels !== undefined && proof?.ok === true && proof.measured.device === 'cpu'
      ? kernelFindings(facts.kernels, facts.env)
      : []),
    ...(facts.deviceProblem
      ? [finding('device-named', 'error', facts.deviceProblem.message, facts.deviceProblem.fix ?? '')]
      : []),
    ...onGpu,
    ...(facts.python
      ? pythonFindings(facts.python, host.gpus.devices.length > 0 && measured?.device !== 'gpu')
      : []),
    ...verifiedFindings(facts, runs ? 'tensorflow' : 'wasm', measured?.device ?? 'cpu'),
    ...(measured?.device === 'gpu' ? xlaFindings(facts) : []),
    ...(facts.python ? verifiedPythonFindings(facts.python, facts.verified ?? []) : []),
    addon.loads
      ? finding('store-used', 'ok', `better-sqlite3 ${addon.version}`)
      : finding(
          'store-addon',
          'error',
          `better-sqlite3 ${addon.version} does not load: ${addon.reason}`,
          'run `npx stagecraft setup`',
        ),
    ...toolFindings(host, runs),
  ];
  return {
    ok: findings.every(({ level }) => level !== 'error'),
    runtime: runs ? 'tensorflow' : 'wasm',
    device: measured?.device ?? 'cpu',
    deviceName: measured?.device === 'gpu' ? gpuName(facts) : 'CPU',
    versions: {
      node: host.node,
      ...(engine
        ? { tensorflow: engine.info.tensorflowVersion, 'tfjs-node-gpu': engine.info.tfjsVersion }
        : {}),
      'better-sqlite3': addon.version,
      ...(host.python ? { python: host.python.version } : {}),
      ...(host.pip ? { pip: host.pip.version } : {}),
      ...(host.compiler ? { compiler: host.compiler.version } : {}),
      ...(host.gpus.driver === '' ? {} : { driver: host.gpus.driver }),
      platform: `${host.platform} ${host.arch}`,
    },
    gpus: host.gpus.devices,
    engineFolder: engine?.folder ?? '',
    cacheFolder: facts.cache,
    measured,
    findings,
    log: proof?.log ?? '',
  };
}

export interface DoctorOptions {
  /** Try and measure the engine; default true. */
  readonly measure?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/** Gathers the facts of this machine; takes seconds where it measures the engine. @throws InterruptedError */
export async function gatherDoctorFacts(options: DoctorOptions = {}): Promise<DoctorFacts> {
  const env = options.env ?? process.env;
  let search: DoctorFacts['search'];
  try {
    search = searchEngine(env);
  } catch (error) {
    search = { state: 'wrong', message: (error as Error).message };
  }
  const host = await readHost(env);
  const python = await inspectPython(env);
  const engine = search.state === 'found' ? search.engine : undefined;
  let chosen: Readonly<Record<string, string>> = {};
  let deviceProblem: UserError | undefined;
  try {
    chosen = deviceVariables(env, host.gpus, engine?.info.kind);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    deviceProblem = error;
  }
  const used = { ...env, ...chosen };
  const proof =
    engine === undefined || options.measure === false
      ? undefined
      : await proveEngine(engine.folder, { env: provingEnvironment(engine, used), signal: options.signal });
  return {
    host,
    addon: addonState(),
    search,
    proof,
    kernels: engine && kernelState(engine.folder, engine.info.tensorflowVersion, env),
    deviceProblem,
    python,
    cache: cacheFolder(env),
    verified: verifiedDevices(env),
    xla: xlaChoices(env),
    env: used,
  };
}

/** `stagecraft doctor`. @throws InterruptedError */
export const runDoctor = async (options: DoctorOptions = {}): Promise<DoctorReport> =>
  diagnose(await gatherDoctorFacts(options));

const gigabytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);

const marks = {
  ok: pc.green('✓'),
  note: pc.dim('·'),
  warning: pc.yellow('!'),
  error: pc.red('✗'),
} as const satisfies Record<Finding['level'], string>;

/** Renders the report for a terminal. */
export function renderDoctor(report: DoctorReport, options: { readonly verbose?: boolean } = {}): string {
  const { measured } = report;
  const runtime = report.runtime === 'tensorflow' ? `TensorFlow, on the ${report.deviceName}` : 'wasm (slow)';
  return [
    `${pc.bold('runtime')}   ${runtime}`,
    ...(measured === null
      ? []
      : [
          `${pc.bold('measured')}  matmul ${(measured.matmulGflops / 2).toFixed(0)} GMAC/s, ` +
            `3×3 convolution ${(measured.convGflops / 2).toFixed(0)}, with its gradients ` +
            (measured.convGradientGflops / 2).toFixed(0) +
            (measured.device === 'cpu' ? ` (${measured.threads} threads)` : ''),
        ]),
    `${pc.bold('versions')}  ${Object.entries(report.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    ...report.gpus.map(
      ({ name, uuid, totalBytes, usedBytes }, index) =>
        `${pc.bold(`gpu ${index}`.padEnd(9))} ${name}, ${uuid}, ` +
        `${gigabytes(usedBytes)} of ${gigabytes(totalBytes)} GB taken`,
    ),
    ...(report.engineFolder === '' ? [] : [`${pc.bold('engine')}    ${report.engineFolder}`]),
    '',
    ...report.findings.flatMap(({ level, text, fix }) => [
      `${marks[level]} ${text}`,
      ...(fix === '' ? [] : [`  ${pc.dim('fix:')} ${fix}`]),
    ]),
    ...(options.verbose === true && report.log !== '' ? ['', pc.dim(report.log)] : []),
  ].join('\n');
}
