/** What `carryover/register` is in Node: the same, with the engines that need Node. */
import {takeTfjsNames} from '../libraries/tfjs/names';
import {registerNodeEngines} from './engines';

takeTfjsNames();
registerNodeEngines();
