import type {Operations} from './arguments';
import {ELEMENT_STEPS, ELEMENT_WISE} from './element-wise';
import {INDEXING} from './index-into';
import {REDUCTIONS} from './reductions';
import {SHAPES} from './shapes';

/** Every operation by name; libraries say which of their functions it is. */
export const OPERATIONS: Operations = {...ELEMENT_WISE, ...REDUCTIONS, ...INDEXING, ...SHAPES};

/** Those whose one output jumps and is constant in between: comparisons, logic, places. */
export const STEPS: ReadonlySet<string> = new Set([
  ...ELEMENT_STEPS,
  ...['any', 'all', 'argmax', 'argmin', 'countNonzero', 'oneHot', 'sequenceMask'],
]);
