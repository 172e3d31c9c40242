/** What a space shares with the spaces that `where` derives from it. */
import type { SpaceAst } from '../../language/ast.js';
import type { SpaceModel } from '../model/space-model.js';
import type { Dfa } from './dfa.js';
import type { PlacementTable } from './placement-table.js';

export interface SpaceBase {
  readonly model: SpaceModel;
  readonly ast: SpaceAst;
  readonly placementTable: PlacementTable;
  /** The automaton of the set before any condition. */
  readonly unconditioned: Dfa;
}
