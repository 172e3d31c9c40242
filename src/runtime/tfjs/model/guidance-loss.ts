/**
 * Guidance: a network's maps are drawn towards those of a guide network, trained or not, by centred kernel
 * alignment. Guide: Subramaniam et al. 2024, Training the Untrainable, https://arxiv.org/abs/2410.20035;
 * linear CKA: Kornblith et al. 2019, https://arxiv.org/abs/1905.00414.
 */
import { forwardNetwork } from '../../../network/forward-network.js';
import { seededRandom } from '../../../util/random.js';
import type { Tensor, Tf } from '../native-engine.js';
import type { NetworkWeights } from './network-weights.js';
import { runPass } from './run-pass.js';

/** A guide and how much it counts. */
export interface GuideTerm {
  readonly guide: NetworkWeights;
  /** Factor of the mean of 1 − CKA over stages. */
  readonly weight: number;
}

/** Added under the root, so that maps without scatter have a finite gradient. */
const epsilon = 1e-12;

/**
 * Linear CKA of two representations of one batch: 0 to 1, unchanged by rotation and scale of either.
 * @param x `[batch,p]` @param y `[batch,q]`
 */
export function linearCka(tf: Tf, x: Tensor, y: Tensor): Tensor {
  const gram = (of: Tensor): Tensor => {
    const centred = tf.sub(of, tf.mean(of, 0, true));
    const scale = tf.add(tf.mean(tf.square(centred)), epsilon);
    return tf.div(tf.matMul(centred as never, centred as never, false, true), scale);
  };
  const [k, l] = [gram(x), gram(y)];
  const norm = tf.sqrt(tf.add(tf.mul(tf.sum(tf.square(k)), tf.sum(tf.square(l))), epsilon));
  return tf.div(tf.sum(tf.mul(k, l)), norm);
}

/** Mean over positions: `[b,h,w,c]` → `[b,c]`. */
export const pooledMap = (tf: Tf, map: Tensor): Tensor => tf.mean(map, [1, 2]);

/** The guide's pooled maps of its stages, in evaluation mode. @param images `[b,h,w,c]` */
export function guideMaps({ guide }: GuideTerm, images: Tensor): Tensor[] {
  const { platform, store, architecture } = guide;
  const maps: Tensor[] = [];
  runPass(platform, store, { training: false, initial: seededRandom(0) }, (ops) =>
    forwardNetwork(ops, architecture, images, {
      onStage: (_, map) => maps.push(platform.inFloat32(() => pooledMap(platform.tf, map))),
    }),
  );
  return maps;
}

/**
 * weight · mean over the network's stages of 1 − CKA. A stage is compared with the guide's at the same
 * relative depth.
 * @param own pooled maps of the network's stages @param guiding those of the guide
 */
export function guidanceLoss(
  tf: Tf,
  own: readonly Tensor[],
  guiding: readonly Tensor[],
  weight: number,
): Tensor {
  const losses = own.map((map, stage) => {
    const match = Math.max(0, Math.round(((stage + 1) * guiding.length) / own.length) - 1);
    return tf.sub(1, linearCka(tf, map, guiding[match]!));
  });
  return tf.mul(tf.mean(tf.stack(losses as never)), weight);
}
