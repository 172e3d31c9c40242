// The real engine with something planted in it. An architecture may carry `planted`: a delay as a share of each pass, or a fault
// that strikes at its first pass. DRIFT in the environment slows every network alike, up to that share and back over a minute.
import { openRuntime } from '../../../dist/runtime/open-runtime.js';

const drift = Number(process.env.DRIFT ?? 0);

function strike(fault) {
  switch (fault) {
    case 'abort':
      process.stderr.write('F planted: Check failed\n');
      return process.abort();
    case 'hang':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      return;
    case 'memory': {
      const hold = [];
      for (;;) hold.push(new Array(1e6).fill({ a: 1 }));
    }
    default:
      throw new Error(`no such plant ${fault}`);
  }
}

function slowed(inference, planted = {}) {
  return {
    buildMs: inference.buildMs,
    firstRunMs: inference.firstRunMs,
    dispose: () => inference.dispose(),
    synchronise: () => inference.synchronise(),
    enqueue() {
      if (planted.fault !== undefined) strike(planted.fault);
      const start = performance.now();
      inference.enqueue(); // computes before it returns, on a CPU
      const now = performance.now();
      const share = (planted.delay ?? 0) + drift * Math.abs(((Date.now() / 30_000) % 2) - 1);
      const until = now + share * (now - start);
      while (performance.now() < until);
    },
  };
}

export async function openPlanted(options) {
  const runtime = await openRuntime(options);
  return {
    id: runtime.id,
    supports: runtime.supports,
    deviceKey: (execution) => runtime.deviceKey(execution),
    peakDeviceBytes: () => runtime.peakDeviceBytes(),
    instantiate(architecture, how) {
      const model = runtime.instantiate(architecture, how);
      return {
        architecture,
        parameterCount: model.parameterCount,
        dispose: () => model.dispose(),
        inference: (request) => slowed(model.inference(request), architecture.planted),
      };
    },
  };
}
