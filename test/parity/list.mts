/** Prints what `make_fixtures.py` needs: per network its weights' paths, shapes and ranges. Run with `npx tsx test/parity/list.mts`. */
import { forwardNetwork } from '../../src/network/forward-network.js';
import { SymbolicOps } from '../../src/tensor/infer/symbolic-ops.js';
import { parityNetworks } from './networks.js';
import { rangeOf } from './values.js';

const all = Object.entries(parityNetworks).map(([name, make]) => {
  const architecture = make();
  const ops = new SymbolicOps();
  forwardNetwork(
    ops,
    architecture,
    ops.tensor([1, architecture.input.height, architecture.input.width, 3], true),
  );
  const shapes = [...[...ops.weights].map(([path, { shape }]) => [path, shape] as const), ...ops.states];
  return {
    name,
    side: architecture.input.height,
    weights: shapes.map(([path, shape]) => ({ path, shape, range: rangeOf(path, shape) })),
  };
});
console.log(JSON.stringify(all));
