import {DialectCell} from '../layers/cell';
import type {SequenceCell} from '../layers/sequence-cell';
import {CompositeCell} from '../libraries/tf1/composite';

/** The cells that a cell is made of, past wrappers and stacks, in the order of their arrays. */
export function leafCells(cell: SequenceCell): DialectCell[] {
  if (cell instanceof CompositeCell) return cell.cells.flatMap(leafCells);
  return cell instanceof DialectCell ? [cell] : [];
}
