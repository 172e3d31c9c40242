/**
 * The shared weights of a supernet on the device. All passes are eager: a compiled graph holds one
 * architecture, and a path is seldom drawn often enough to earn the first run of a graph of its own.
 */
import type { Architecture } from '../../../architecture/architecture.js';
import type { SupernetPlan } from '../../../network/supernet/supernet-plan.js';
import type {
  Examination,
  Inference,
  InferenceOptions,
  SupernetMember,
  SupernetModel,
  SupernetOptions,
  Training,
  TrainingOptions,
  WeightSet,
} from '../../runtime.js';
import { readStore, writeStore } from '../model/state-store.js';
import type { Platform } from '../platform.js';
import { CalibratedMember } from './calibrated-member.js';
import { SupernetTraining } from './supernet-training.js';
import { SupernetWeights } from './supernet-weights.js';

export class TfjsSupernet implements SupernetModel {
  private readonly weights: SupernetWeights;
  private activeTraining: SupernetTraining | undefined;

  constructor(platform: Platform, plan: SupernetPlan, options: SupernetOptions) {
    this.weights = new SupernetWeights(platform, plan, options);
  }

  get architecture(): Architecture {
    return this.weights.options.shown;
  }

  get parameterCount(): number {
    return this.weights.store
      .all()
      .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  }

  readWeights(): Promise<WeightSet> {
    return Promise.resolve(readStore(this.weights.store));
  }

  writeWeights(weights: WeightSet): void {
    writeStore(this.weights.store, weights, 'writeWeights');
    this.weights.version++;
  }

  async member(architecture: Architecture): Promise<SupernetMember> {
    return new CalibratedMember(this.weights, architecture);
  }

  training(options: TrainingOptions): Training {
    if (this.activeTraining)
      throw new Error('supernet.training: one training at a time; dispose of the other first');
    this.activeTraining = new SupernetTraining(this.weights, options, () => {
      this.activeTraining = undefined;
    });
    return this.activeTraining;
  }

  inference({ batch, execution }: InferenceOptions): Inference {
    if (execution !== 'eager')
      throw new Error(`supernet.inference: execution must be eager, got ${JSON.stringify(execution)}`);
    const untimed = (): never => {
      throw new Error('supernet.inference: only logits are computed; time a stand-alone model');
    };
    let shown: { readonly member: SupernetMember; readonly version: number } | undefined;
    return {
      buildMs: 0,
      firstRunMs: 0,
      enqueue: untimed,
      synchronise: untimed,
      logits: async (images) => {
        const { height, width, channels } = this.architecture.input;
        if (images.length !== batch * height * width * channels)
          throw new Error(`logits: images must be a batch of ${batch}, got ${images.length} values`);
        if (shown?.version !== this.weights.version) {
          shown?.member.dispose();
          shown = { member: await this.member(this.architecture), version: this.weights.version };
        }
        return shown.member.logits(images);
      },
      dispose: () => shown?.member.dispose(),
    };
  }

  examine(): Promise<Examination> {
    throw new Error('supernet.examine: examine a stand-alone model');
  }

  dispose(): void {
    this.activeTraining?.dispose();
    this.weights.store.dispose();
  }
}
