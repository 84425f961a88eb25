export {Exponential, HardSigmoidSixth} from './activations';
export {type Constraint, constraint} from './constraints';
export type {FanRule} from './fans';
export type {Initializer} from './initializer-classes';
export {
  type InitializerRules,
  initializer,
  KERAS_1_INITIALIZERS,
  KERAS_2_INITIALIZERS,
} from './initializers';
export {type Regularizer, regularizer} from './regularizers';
export {isRecord, namedSpec, numberOf} from './spec';
