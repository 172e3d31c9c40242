/** Freezes the plan of an ablation before its first trial, and adds arms as they are planned. */
import { canonicalJson } from '../util/canonical-json.js';
import { UserError } from '../util/errors.js';
import type { AblationArm, AblationPlan } from './ablation-plan.js';
import { type Store, transaction } from './store.js';
import { ablationsNamed, insertAblation, insertAblationArm } from './tables/ablation-table.js';
import { devicesOf } from './tables/device-table.js';
import { plannedTrials } from './tables/plan-table.js';
import { lastProfiles } from './tables/profile-table.js';
import { lastTraining } from './tables/training-table.js';

export interface FrozenPlan {
  readonly experimentId: string;
  readonly name: string;
  readonly planHash: string;
  readonly plan: AblationPlan;
}

/**
 * Refuses a plan that differs from one of the same name with results.
 * @throws UserError naming what differs
 */
export function assertFrozenPlan(store: Store, { name, planHash, plan }: FrozenPlan): void {
  const other = ablationsNamed(store, name).find(
    (row) => row.plan_hash !== planHash && hasResults(store, row.experiment_id),
  );
  if (!other) return;
  throw new UserError(
    `ablation ${name}: the plan was frozen before its first trial (${other.plan_hash}, ` +
      `${other.frozen_at.slice(0, 10)}), ` +
      `got another ${differenceOf(other.plan, plan).join(', ')} (${planHash})`,
    { fix: `put it back, or name a new plan: experiment ${name}-2` },
  );
}

function hasResults(store: Store, experimentId: string): boolean {
  return (
    plannedTrials(store, experimentId).some(({ id }) => lastTraining(store, id) !== undefined) ||
    devicesOf(store, experimentId).some(({ id }) => lastProfiles(store, experimentId, id).length > 0)
  );
}

/** Names of the parts that differ. */
function differenceOf(before: AblationPlan, after: AblationPlan): string[] {
  const parts = Object.keys(after) as (keyof AblationPlan)[];
  const changed = parts.filter(
    (part) =>
      part !== 'hashes' && part !== 'published' && canonicalJson(before[part]) !== canonicalJson(after[part]),
  );
  const hashed = Object.keys(after.hashes).filter((part) => before.hashes[part] !== after.hashes[part]);
  const names = [...changed, ...hashed.filter((part) => !changed.includes(part as keyof AblationPlan))];
  return names.length > 0 ? names : ['plan'];
}

/** Stores the plan and its arms in one transaction; what is stored stays as it is. */
export function recordAblation(
  store: Store,
  { experimentId, name, planHash, plan }: FrozenPlan,
  arms: readonly AblationArm[],
): void {
  transaction(store, () => {
    insertAblation(store, {
      experiment_id: experimentId,
      name,
      plan_hash: planHash,
      plan: canonicalJson(plan),
      frozen_at: new Date().toISOString(),
    });
    arms.forEach((arm, position) => {
      insertAblationArm(store, {
        experiment_id: experimentId,
        position,
        name: arm.name,
        levels: JSON.stringify(arm.levels),
        architecture_id: arm.architectureId,
        settings: arm.settings,
      });
    });
  });
}
