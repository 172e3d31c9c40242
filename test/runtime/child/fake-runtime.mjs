// A runtime without tensors for children under test. FAULTS, JSON in the environment, maps a batch size to
// what goes wrong there.
import { fakeModel } from './fake-training.mjs';

const environmentFaults = JSON.parse(process.env.FAULTS ?? '{}');

export function strike(fault) {
  switch (fault) {
    case undefined:
      return;
    case 'throw':
      throw new Error('Invalid argument: made to fail');
    case 'exhausted':
      throw new Error('ResourceExhaustedError: OOM when allocating tensor with shape[1024,4096]');
    case 'bad-alloc':
      process.stderr.write(
        "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n",
      );
      return process.abort();
    case 'abort':
      process.stderr.write('2026-01-01 F tensorflow/core/fake.cc:1] Check failed: status.ok()\n');
      return process.abort();
    case 'segfault':
      return process.kill(process.pid, 'SIGSEGV');
    case 'killed':
      return process.kill(process.pid, 'SIGKILL');
    case 'exit':
      process.stderr.write('engine: gone\n');
      return process.exit(3);
    case 'heap': {
      const hold = [];
      for (;;) hold.push(new Array(1e6).fill({ a: 1 }));
    }
    case 'hang':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      return;
    default:
      throw new Error(`no such fault ${fault}`);
  }
}

function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

export async function openFake({ runtime, threads }, faults = environmentFaults) {
  strike(faults.open);
  return {
    id: runtime,
    supports: { compiled: true, training: false, deviceMemory: false },
    deviceKey: (execution) => ({
      device: 'fake',
      kind: 'cpu',
      threads,
      driver: '',
      runtime,
      runtimeVersion: 'fake 1',
      execution,
      precision: 'float32',
      xla: false,
      layout: 'NHWC',
    }),
    peakDeviceBytes: () => undefined,
    instantiate: (architecture, options) =>
      process.env.FAKE_TRAINS
        ? fakeModel(architecture, options)
        : {
            architecture,
            parameterCount: 1,
            dispose() {},
            inference({ batch }) {
              const fault = faults[batch];
              if (fault !== 'hang' && fault !== 'abort') strike(fault);
              let passes = 0;
              return {
                buildMs: 1,
                firstRunMs: 2,
                dispose() {},
                enqueue() {
                  spin(0.02 * batch);
                  if (++passes > 20 && (fault === 'hang' || fault === 'abort')) strike(fault);
                },
                async synchronise() {
                  return 1;
                },
              };
            },
          },
  };
}
