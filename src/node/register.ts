/** What `carryover/register` is in Node: the same, with the engines that need Node. */
import {takeTfjsNames} from '../layers/tfjs-names';
import {registerNodeEngines} from './engines';

takeTfjsNames();
registerNodeEngines();
