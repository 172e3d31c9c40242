/** What names a row of the table: arms of an ablation may share an architecture. */
import type { CandidateResult } from '../store/experiment-result.js';

export const rowKey = ({ architectureId, arm }: CandidateResult): string =>
  arm === undefined ? architectureId : `${architectureId} ${arm}`;
