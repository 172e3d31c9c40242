/**
 * The device that a person names: how the name is read, how it reaches CUDA, what is said where it is wrong,
 * and its memory.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gpuKey, gpuName } from '../../../src/runtime/tfjs/tfjs-runtime.js';
import { engineEnvironment, silenceFactor } from '../../../src/setup/engine/engine-environment.js';
import { locateEngine } from '../../../src/setup/engine/locate-engine.js';
import {
  applyNamedDevice,
  assertNamedDevice,
  deviceVariables,
} from '../../../src/setup/engine/named-device.js';
import { readGpus } from '../../../src/setup/host/gpu-facts.js';
import { migSlices, usedGpu, watchDeviceMemory } from '../../../src/setup/host/used-gpu.js';
import { UserError } from '../../../src/util/errors.js';
import { programs, root, temporaryFolder } from '../fakes.js';

let folder: ReturnType<typeof temporaryFolder>;
const path = process.env['PATH'];
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  process.env['PATH'] = path;
  folder.remove();
});

const gpus =
  'GPU-aaaa1111, NVIDIA H100 80GB HBM3, 550.54.15, 81559, 70000, 9.0\nGPU-bbbb2222, NVIDIA L4, 550.54.15, 23034, 512, 8.9';
const apps = 'GPU-aaaa1111, 4711, /usr/bin/python3, 69000';
/** `nvidia-smi` made by hand; `$FAKE` may say other holdings. */
const smi = `
case "$*" in
*query-gpu=uuid,name,*) printf '${gpus.replaceAll('\n', '\\n')}\\n';;
*query-gpu=index,uuid,*) printf '0, GPU-aaaa1111, NVIDIA H100 80GB HBM3, 550.54.15, 9.0\\n1, GPU-bbbb2222, NVIDIA L4, 550.54.15, 8.9\\n';;
*query-gpu=uuid,memory.used*) cat ${'"$FAKE"'}/used;;
*query-compute-apps=gpu_uuid,pid,process_name*) echo "${apps}";;
*query-compute-apps=gpu_uuid,pid,used_memory*) cat ${'"$FAKE"'}/apps;;
esac`;
const withSmi = (script = smi): NodeJS.ProcessEnv => ({
  PATH: `${programs(join(folder.folder, 'bin'), { 'nvidia-smi': script })}:/usr/bin:/bin`,
  FAKE: folder.folder,
});

describe('deviceVariables', () => {
  const devices = async () => await readGpus({ root: folder.folder, env: withSmi() });
  it.each([
    ['GPU-bbbb2222', 'GPU-bbbb2222'],
    ['GPU-bb', 'GPU-bbbb2222'],
    ['1', 'GPU-bbbb2222'],
    ['l4', 'GPU-bbbb2222'],
    ['0', 'GPU-aaaa1111'],
  ])('%s reaches CUDA as %s', async (wanted, uuid) => {
    const variables = deviceVariables({ STAGECRAFT_DEVICE: wanted }, await devices(), 'cuda');
    expect(variables).toEqual({
      STAGECRAFT_DEVICE: uuid,
      CUDA_VISIBLE_DEVICES: uuid,
      CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    });
    // and what a child gets keeps it
    expect(
      engineEnvironment({ engine: { folder: '/nowhere', info: undefined as never }, env: variables }),
    ).toMatchObject({ CUDA_VISIBLE_DEVICES: uuid, TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
  });
  it('cpu hides every GPU, and one that is visible stays so', async () => {
    expect(deviceVariables({ STAGECRAFT_DEVICE: 'cpu' }, await devices(), 'cuda')).toEqual({
      CUDA_VISIBLE_DEVICES: '-1',
    });
    expect(deviceVariables({ CUDA_VISIBLE_DEVICES: '1' }, await devices(), 'cuda')).toEqual({});
    expect(deviceVariables({ STAGECRAFT_DEVICE: '' }, await devices(), 'cpu')).toEqual({});
  });
  it('a wrong name is an error that lists what is there', async () => {
    const facts = await devices();
    expect(() => deviceVariables({ STAGECRAFT_DEVICE: 'GPU-9999' }, facts, 'cuda')).toThrow(
      'STAGECRAFT_DEVICE: cpu or one GPU is needed, got "GPU-9999", which fits none; there are: 0: NVIDIA H100 80GB HBM3 GPU-aaaa1111; 1: NVIDIA L4 GPU-bbbb2222',
    );
    expect(() => deviceVariables({ STAGECRAFT_DEVICE: '7' }, facts, 'cuda')).toThrow(
      /the index of a GPU is needed, got 7; there are: 0: NVIDIA H100/,
    );
    expect(() => deviceVariables({ STAGECRAFT_DEVICE: 'nvidia' }, facts, 'cuda')).toThrow(/fits 2/);
    expect(() =>
      deviceVariables({ STAGECRAFT_DEVICE: '1', CUDA_VISIBLE_DEVICES: '0' }, facts, 'cuda'),
    ).toThrow(/GPU-bbbb2222 is hidden by CUDA_VISIBLE_DEVICES="0"/);
    expect(
      deviceVariables({ STAGECRAFT_DEVICE: '1', CUDA_VISIBLE_DEVICES: '0, GPU-bbbb' }, facts, 'own')[
        'CUDA_VISIBLE_DEVICES'
      ],
    ).toBe('GPU-bbbb2222');
    expect(() => deviceVariables({ STAGECRAFT_DEVICE: '1' }, facts, 'cpu')).toThrow(
      /the engine was set up for the CPU/,
    );
  });
  it('says why no GPU is to be seen', async () => {
    const broken = await readGpus({
      root: folder.folder,
      env: withSmi(
        'echo "NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver."; exit 9',
      ),
    });
    expect(() => deviceVariables({ STAGECRAFT_DEVICE: '0' }, broken, 'cuda')).toThrow(
      /no NVIDIA GPU was found \(NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver\.\), got "0"/,
    );
  });
});

describe('applyNamedDevice', () => {
  it('sets the environment once; a child that inherits it asks nobody', async () => {
    const env: NodeJS.ProcessEnv = { ...withSmi(), STAGECRAFT_DEVICE: 'GPU-b', STAGECRAFT_CACHE: '/nowhere' };
    await applyNamedDevice(env);
    expect(env).toMatchObject({ STAGECRAFT_DEVICE: 'GPU-bbbb2222', CUDA_VISIBLE_DEVICES: 'GPU-bbbb2222' });
    env['PATH'] = '/nowhere';
    await expect(applyNamedDevice(env)).resolves.toBeUndefined();
    await expect(applyNamedDevice({ PATH: '/nowhere', STAGECRAFT_DEVICE: 'GPU-b' })).rejects.toThrow(
      /no NVIDIA GPU was found \(nvidia-smi: not found\)/,
    );
  });
});

describe('several GPUs and none named', () => {
  const devices = async () => await readGpus({ root: folder.folder, env: withSmi() });
  it.each([
    [undefined, 'GPU-aaaa1111'],
    ['0,1', 'GPU-aaaa1111'],
    ['1,0', 'GPU-bbbb2222'],
    ['GPU-bbbb,GPU-aaaa', 'GPU-bbbb2222'],
  ])('CUDA_VISIBLE_DEVICES=%s: the first alone stays visible', async (visible, uuid) => {
    const env = visible === undefined ? {} : { CUDA_VISIBLE_DEVICES: visible };
    const chosen = deviceVariables(env, await devices(), 'cuda');
    expect(chosen).toEqual({ CUDA_VISIBLE_DEVICES: uuid, CUDA_DEVICE_ORDER: 'PCI_BUS_ID' });
  });

  it('nothing changes where one is visible, or the engine is for the CPU', async () => {
    expect(deviceVariables({ CUDA_VISIBLE_DEVICES: '1' }, await devices(), 'cuda')).toEqual({});
    expect(deviceVariables({ CUDA_VISIBLE_DEVICES: '-1' }, await devices(), 'cuda')).toEqual({});
    expect(deviceVariables({}, await devices(), 'cpu')).toEqual({});
  });
});

describe('assertNamedDevice', () => {
  it('refuses the CPU where a GPU was named', () => {
    for (const name of [undefined, '', 'cpu'])
      expect(() => assertNamedDevice(false, { STAGECRAFT_DEVICE: name })).not.toThrow();
    expect(() => assertNamedDevice(true, { STAGECRAFT_DEVICE: 'GPU-b' })).not.toThrow();
    expect(() => assertNamedDevice(false, { STAGECRAFT_DEVICE: 'GPU-b' })).toThrow(UserError);
  });
});

describe('usedGpu', () => {
  it('is the first visible one, by index, UUID or its beginning', () => {
    Object.assign(process.env, withSmi());
    const uuid = (visible?: string) => usedGpu({ CUDA_VISIBLE_DEVICES: visible })?.uuid;
    expect([uuid(), uuid('1'), uuid('GPU-bbbb'), uuid('GPU-bbbb2222,0'), uuid('MIG-1234')]).toEqual([
      'GPU-aaaa1111',
      'GPU-bbbb2222',
      'GPU-bbbb2222',
      'GPU-bbbb2222',
      'MIG-1234',
    ]);
    expect([uuid('-1'), uuid(''), uuid('GPU-9')]).toEqual([undefined, undefined, undefined]);
    expect(usedGpu({ CUDA_VISIBLE_DEVICES: '1' })).toEqual({
      uuid: 'GPU-bbbb2222',
      name: 'NVIDIA L4',
      driver: '550.54.15',
      computeCapability: '8.9',
    });
    withSmi(
      'case "$*" in *compute_cap*) echo "Field \\"compute_cap\\" is not a valid field to query."; exit 2;; *) echo "0, GPU-old, Tesla K80, 470.82.01";; esac',
    );
    expect(usedGpu({})).toEqual({
      uuid: 'GPU-old',
      name: 'Tesla K80',
      driver: '470.82.01',
      computeCapability: '',
    });
    process.env['PATH'] = '/nowhere';
    expect(uuid()).toBeUndefined();
  });
});

describe('usedGpu of a MIG slice', () => {
  const list = [
    'GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-aaaa1111)',
    '  MIG 3g.40gb     Device  0: (UUID: MIG-1111)',
    'GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bbbb2222)',
    '  MIG 1g.5gb      Device  0: (UUID: MIG-2222)',
  ].join('\n');

  it('has the name of its board and profile, so that two slices never share a key', () => {
    expect([...migSlices(list)]).toEqual([
      ['MIG-1111', { board: 'GPU-aaaa1111', profile: '3g.40gb' }],
      ['MIG-2222', { board: 'GPU-bbbb2222', profile: '1g.5gb' }],
    ]);
    Object.assign(
      process.env,
      withSmi(`case "$*" in -L) printf '${list.replaceAll('\n', '\\n')}\\n'; exit 0;; esac\n${smi}`),
    );
    expect(usedGpu({ CUDA_VISIBLE_DEVICES: 'MIG-2222' })).toMatchObject({
      uuid: 'MIG-2222',
      name: 'NVIDIA L4 MIG 1g.5gb',
    });
  });
});

describe('usedGpu without nvidia-smi', () => {
  const board = (bus: string, uuid: string) => {
    mkdirSync(join(folder.folder, 'proc/driver/nvidia/gpus', bus), { recursive: true });
    writeFileSync(
      join(folder.folder, 'proc/driver/nvidia/gpus', bus, 'information'),
      `Model: \t\t NVIDIA L4\nIRQ:   \t\t 42\nGPU UUID: \t ${uuid}\n`,
    );
    writeFileSync(
      join(folder.folder, 'proc/driver/nvidia/version'),
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Release Build\n',
    );
  };

  it('is what the driver says of the only board, or of the named one', () => {
    process.env['PATH'] = '/nowhere';
    expect(usedGpu({}, folder.folder)).toBeUndefined();
    board('0000:01:00.0', 'GPU-cccc3333');
    expect(usedGpu({}, folder.folder)).toEqual({
      uuid: 'GPU-cccc3333',
      name: 'NVIDIA L4',
      driver: '570.86.15',
      computeCapability: '',
    });
    board('0000:02:00.0', 'GPU-dddd4444');
    expect(usedGpu({}, folder.folder)).toBeUndefined();
    expect(usedGpu({ CUDA_VISIBLE_DEVICES: 'GPU-dddd4444' }, folder.folder)?.uuid).toBe('GPU-dddd4444');
  });

  it('a child on CUDA may be silent longer: the driver may compile kernels at the first run', () => {
    const engine = locateEngine();
    expect(silenceFactor(undefined)).toBe(1);
    if (engine === undefined) return;
    expect(silenceFactor({ ...engine, info: { ...engine.info, kind: 'cpu' } })).toBe(1);
    expect(silenceFactor({ ...engine, info: { ...engine.info, kind: 'cuda' } })).toBe(10);
    expect(engineEnvironment({ engine, env: {} })['CUDA_CACHE_MAXSIZE']).toBe('4294967295');
  });

  it('unknown boards of two machines have two names', () => {
    expect(gpuName(undefined, 'one')).not.toBe(gpuName(undefined, 'two'));
  });

  it('variables that change the work are part of the key', () => {
    expect(gpuKey({})).toEqual({});
    expect(gpuKey({ TF_DETERMINISTIC_OPS: '1', ONEDNN_MAX_CPU_ISA: 'AVX2' })).toEqual({
      limits: 'TF_DETERMINISTIC_OPS=1',
    });
  });
});

describe('watchDeviceMemory', () => {
  /** What the fake driver says: memory of the second GPU in MiB, and who holds it. */
  function says(used: number, holders: readonly string[]): void {
    spawnSync('sh', [
      '-c',
      'printf "$1" > "$0/used"; printf "$2" > "$0/apps"',
      folder.folder,
      `GPU-aaaa1111, 70000\nGPU-bbbb2222, ${used}\n`,
      `${holders.map((holder) => `GPU-bbbb2222, ${holder}\n`).join('')}GPU-aaaa1111, 99, 1\n`,
    ]);
  }
  const megabytes = (bytes: number | undefined) => bytes && bytes / 2 ** 20;
  beforeEach(() => {
    Object.assign(process.env, withSmi());
    says(512, ['4711, 500']);
  });
  it('reads what the process holds by its id', () => {
    const memory = watchDeviceMemory('GPU-bbbb2222', 1234)!;
    says(9000, ['4711, 500', '1234, 2048', '5555, 6000']);
    expect(megabytes(memory.peakBytes())).toBe(2048);
  });
  it('takes the one that has come for itself, where the driver knows it by another id', () => {
    const memory = watchDeviceMemory('GPU-bbbb2222', 1234)!;
    says(3000, ['4711, 500', '99001, 2400']);
    expect(megabytes(memory.peakBytes())).toBe(2400);
    says(9000, ['4711, 500', '99001, 2400', '99002, 6000']);
    expect(memory.peakBytes()).toBeUndefined(); // which is it?
  });
  it('takes the growth of the device where the driver names nobody', () => {
    says(512, []);
    const memory = watchDeviceMemory('GPU-bbbb2222', 1234)!;
    says(3072, []);
    expect(megabytes(memory.peakBytes())).toBe(2560);
    says(3072, ['99001, [N/A]']);
    expect(megabytes(memory.peakBytes())).toBe(2560);
  });
  it('knows nothing where the tool does not answer', () => {
    expect(watchDeviceMemory('GPU-cccc', 1234)).toBeUndefined();
    const memory = watchDeviceMemory('GPU-bbbb2222', 1234)!;
    process.env['PATH'] = '/nowhere';
    expect(memory.peakBytes()).toBeUndefined();
    expect(watchDeviceMemory('GPU-bbbb2222')).toBeUndefined();
  });
});

describe('stagecraft', () => {
  const run = (args: readonly string[], env: NodeJS.ProcessEnv) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'dist/cli/main.js'), ...args],
      { cwd: root, env: { ...process.env, NO_COLOR: '1', ...env }, encoding: 'utf8' },
    );
    return { status, stdout, stderr };
  };
  it('stops before a run whose device is not there, and lists those that are', () => {
    const { status, stderr } = run(['run', 'experiments/quickstart.experiment', '--dry-run'], {
      ...withSmi(),
      STAGECRAFT_DEVICE: 'GPU-9999',
    });
    expect(stderr).toContain(
      'got "GPU-9999", which fits none; there are: 0: NVIDIA H100 80GB HBM3 GPU-aaaa1111; 1: NVIDIA L4 GPU-bbbb2222',
    );
    expect(status).toBe(2);
  });
  it('doctor lists the GPUs with their memory, and says why none is used', () => {
    const cache = locateEngine() ? {} : { STAGECRAFT_CACHE: '/nowhere' };
    const { stdout } = run(['doctor', '--no-measure'], { ...withSmi(), ...cache, STAGECRAFT_DEVICE: 'a100' });
    expect(stdout).toContain('gpu 0     NVIDIA H100 80GB HBM3, GPU-aaaa1111, 68.4 of 79.6 GB taken');
    expect(stdout).toContain('✗ STAGECRAFT_DEVICE: cpu or one GPU is needed, got "a100", which fits none');
    const old = run(['doctor', '--no-measure', '--json'], {
      ...withSmi(smi.replaceAll('550.54.15', '470.82.01')),
      ...cache,
    });
    const findings = (JSON.parse(old.stdout) as { findings: { id: string; text: string }[] }).findings;
    expect(findings.find(({ id }) => id === 'gpu-driver-old')?.text).toContain(
      'the driver 470.82.01 is older than 555.42.02',
    );
  });
});
