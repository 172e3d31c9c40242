/**
 * Numbered migrations, append-only: a released one is never edited. The schema version is how many have run.
 * Each only adds tables, indices, triggers, and columns that may be null or have a default: readers see an
 * older database through the views of `older-schema.ts`.
 */
import { initial } from './001-initial.js';
import { anchor } from './002-anchor.js';
import { trainingDetail } from './003-training-detail.js';
import { stopped } from './004-stopped.js';
import { launch } from './005-launch.js';
import { zeroCost } from './006-zero-cost.js';
import { partTime } from './007-part-time.js';
import { copyCeiling } from './008-copy-ceiling.js';
import { searchEvent } from './009-search-event.js';
import { blockLoad } from './010-block-load.js';
import { ablation } from './011-ablation.js';
import { supernet } from './012-supernet.js';
import { baseBytes } from './013-base-bytes.js';
import { otherDeviceTime } from './014-other-device-time.js';
import { importedResult } from './015-imported-result.js';

export const migrations: readonly string[] = [
  initial,
  anchor,
  trainingDetail,
  stopped,
  launch,
  zeroCost,
  partTime,
  copyCeiling,
  searchEvent,
  blockLoad,
  ablation,
  supernet,
  baseBytes,
  otherDeviceTime,
  importedResult,
];
