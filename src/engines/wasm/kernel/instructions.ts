/** The function of each instruction, under the name that `src/engines/wasm/isa.ts` declares. */
export {barrier} from './barrier';
export {broadcast, stridedCopy, sumRows, zero} from './copies';
export {elements} from './elements';
export {inverseDeviation, standardize, standardizeGradient} from './normalization';
export {outerProduct, pack, product} from './product';
