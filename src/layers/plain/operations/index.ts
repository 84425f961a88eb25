import type {Operations} from './arguments';
import {ELEMENT_WISE} from './element-wise';
import {INDEXING} from './index-into';
import {REDUCTIONS} from './reductions';
import {SHAPES} from './shapes';

/** Every operation by name; libraries say which of their functions it is. */
export const OPERATIONS: Operations = {...ELEMENT_WISE, ...REDUCTIONS, ...INDEXING, ...SHAPES};
