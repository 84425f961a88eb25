/** What `carryover` is in Node: the same, with the engines that need Node. */
import {registerNodeEngines} from './engines';

export * from '../index';

registerNodeEngines();
