/* Every library: the namespace that programs use. Its record, which the rest of the code asks, comes with it. */

export {epynn} from './epynn';
export {keras0} from './keras0';
export {keras1} from './keras1';
export {keras2} from './keras2';
export {keras3} from './keras3';
export {lasagne} from './lasagne';
export {neupy} from './neupy';
export {nntools} from './nntools';
export {tf1} from './tf1';
