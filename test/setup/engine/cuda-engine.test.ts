/**
 * The whole way of a CUDA engine that falls to the CPU, with the loader's failure made by hand: an engine
 * folder whose package says on stderr what TensorFlow 2.21 says, and then is the engine that is there. Up to
 * the device everything is the real thing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingPaths } from '../../../src/setup/engine/engine-paths.js';
import { locateEngine } from '../../../src/setup/engine/locate-engine.js';
import { programs, root, temporaryFolder } from '../fakes.js';

const real = locateEngine();

describe.skipIf(real === undefined || real.info.kind !== 'cpu')(
  'a CUDA engine whose libraries do not load',
  () => {
    let folder: ReturnType<typeof temporaryFolder>;
    let env: NodeJS.ProcessEnv;
    beforeAll(() => {
      folder = temporaryFolder();
      const engine = join(folder.folder, 'engine');
      const [from, to] = [bindingPaths(real!.folder), bindingPaths(engine)];
      mkdirSync(dirname(to.addon), { recursive: true });
      symlinkSync(from.addon, to.addon);
      writeFileSync(
        join(engine, 'engine.json'),
        JSON.stringify({
          ...(JSON.parse(readFileSync(join(real!.folder, 'engine.json'), 'utf8')) as object),
          kind: 'cuda',
        }),
      );
      writeFileSync(join(engine, 'package.json'), '{}');
      writeFileSync(
        join(to.folder, 'package.json'),
        JSON.stringify({ name: '@tensorflow/tfjs-node-gpu', version: '4.22.0', main: 'index.js' }),
      );
      // the loader's lines come at the verbosity that the proof asks for, and only then
      writeFileSync(
        join(to.folder, 'index.js'),
        `
      const { writeSync } = require('fs');
      if (process.env.TF_CPP_MIN_LOG_LEVEL === '0' && /dso_loader=1/.test(process.env.TF_CPP_VMODULE ?? '')) {
        writeSync(2, "I0000 00:00:1795224960.311914   10129 dso_loader.cc:144] Could not load dynamic library 'libcudnn.so.9'; dlerror: libcudnn.so.9: cannot open shared object file: No such file or directory; LD_LIBRARY_PATH: /x\\n");
        writeSync(2, 'W0000 00:00:1795224960.311990   10129 gpu_device.cc:2365] Cannot dlopen some GPU libraries. Please make sure the missing libraries mentioned above are installed properly.\\n');
      }
      writeSync(2, 'visible: ' + process.env.CUDA_VISIBLE_DEVICES + ', growth: ' + process.env.TF_FORCE_GPU_ALLOW_GROWTH + '\\n');
      module.exports = require(${JSON.stringify(from.folder)});`,
      );
      const bin = programs(join(folder.folder, 'bin'), {
        'nvidia-smi': `case "$*" in
*query-gpu=uuid,name*) echo "GPU-aaaa1111, NVIDIA L4, 550.54.15, 23034, 22000, 8.9"; echo "GPU-bbbb2222, NVIDIA L4, 550.54.15, 23034, 3, 8.9";;
*query-gpu=index*) echo "0, GPU-aaaa1111, NVIDIA L4, 550.54.15, 8.9"; echo "1, GPU-bbbb2222, NVIDIA L4, 550.54.15, 8.9";;
*query-compute-apps=gpu_uuid,pid,process_name*) echo "GPU-aaaa1111, 4711, /usr/bin/python3, 21990";;
esac`,
      });
      env = {
        ...process.env,
        PATH: `${bin}:${process.env['PATH']}`,
        STAGECRAFT_ENGINE: engine,
        NO_COLOR: '1',
        OMP_NUM_THREADS: '2',
      };
      for (const name of ['TF_CPP_MIN_LOG_LEVEL', 'TF_FORCE_GPU_ALLOW_GROWTH', 'CUDA_VISIBLE_DEVICES'])
        delete env[name];
    });
    afterAll(() => folder.remove());

    it('doctor names the library, and who holds the memory of the GPU that was named', () => {
      const { status, stdout } = spawnSync(
        process.execPath,
        [join(root, 'dist/cli/main.js'), 'doctor', '--json'],
        { cwd: root, env: { ...env, STAGECRAFT_DEVICE: 'GPU-a' }, encoding: 'utf8' },
      );
      const report = JSON.parse(stdout) as {
        device: string;
        log: string;
        gpus: { uuid: string }[];
        findings: { id: string; level: string; text: string; fix: string }[];
      };
      expect([status, report.device]).toEqual([2, 'cpu']);
      expect(report.gpus.map(({ uuid }) => uuid)).toEqual(['GPU-aaaa1111', 'GPU-bbbb2222']);
      expect(report.log).toContain('visible: GPU-aaaa1111, growth: true'); // the proof ran on the GPU that was named
      expect(report.findings.filter(({ id }) => id.startsWith('gpu'))).toEqual([
        {
          id: 'gpu-library',
          level: 'error',
          text: 'the GPU is not used: libcudnn.so.9 does not load: libcudnn.so.9: cannot open shared object file: No such file or directory',
          fix: 'run `npx stagecraft setup --force`',
        },
        {
          id: 'gpu-memory',
          level: 'error',
          text: 'the GPU is not used: NVIDIA L4 GPU-aaaa1111: 21.5 of 22.5 GB are taken by /usr/bin/python3 (4711) 21.5 GB',
          fix: 'end those processes, or choose another GPU with STAGECRAFT_DEVICE',
        },
      ]);
    });

    it('a runtime does not go to the CPU without a word where a GPU was named', () => {
      const code = `import { openRuntime } from '${root}/dist/runtime/open-runtime.js';
      try { const runtime = await openRuntime({ runtime: 'auto', threads: 2 }); console.log(runtime.deviceKey('eager').kind, runtime.supports.deviceMemory); } catch (error) { console.log(error.name, error.message, '|', error.fix); }
      process.exit(0);`;
      const open = (more: NodeJS.ProcessEnv) =>
        spawnSync(process.execPath, ['--input-type=module', '-e', code], {
          cwd: root,
          env: { ...env, ...more },
          encoding: 'utf8',
        }).stdout;
      expect(open({ STAGECRAFT_DEVICE: '1' })).toBe(
        'UserError runtime: TensorFlow does not use the GPU that STAGECRAFT_DEVICE names, got "GPU-bbbb2222" | run `npx stagecraft doctor` to see why, unset it, or take --runtime pytorch\n',
      );
      expect(open({ STAGECRAFT_DEVICE: 'cpu' })).toBe('cpu false\n');
      expect(open({ STAGECRAFT_DEVICE: 'GPU-zzzz' })).toContain(
        'which fits none; there are: 0: NVIDIA L4 GPU-aaaa1111; 1: NVIDIA L4 GPU-bbbb2222',
      );
    });
  },
);
