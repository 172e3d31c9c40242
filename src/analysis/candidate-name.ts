/** What figures and tables call a candidate. */
export interface Named {
  readonly layout: string;
  /** Of an ablation. */
  readonly arm?: string;
}

/** The layout; of an ablation, whose arms may share one, the arm. @example `C = convnext` */
export const candidateName = ({ layout, arm }: Named): string => arm ?? layout;
