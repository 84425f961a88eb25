import type {Activation} from '../../recurrence/activations';

/** An activation as ONNX's recurrent operators name it, with the parameters it takes. */
export interface OnnxActivation {
  readonly name: string;
  readonly alpha?: number;
  readonly beta?: number;
}

/** What ONNX calls an activation; undefined where it has no word for it. */
export function onnxActivation(f: Activation): OnnxActivation | undefined {
  switch (f.kind) {
    case 'tanh':
      return {name: 'Tanh'};
    case 'sigmoid':
      return {name: 'Sigmoid'};
    case 'relu':
      return {name: 'Relu'};
    case 'softsign':
      return {name: 'Softsign'};
    case 'linear':
      return {name: 'Affine', alpha: 1, beta: 0};
    case 'hardSigmoid':
      return {name: 'HardSigmoid', alpha: f.slope, beta: f.offset};
    case 'leakyRelu':
      return {name: 'LeakyRelu', alpha: f.alpha};
    case 'scaledTanh':
      return {name: 'ScaledTanh', alpha: f.out, beta: f.in};
    case 'elu':
      return f.scale === 1 ? {name: 'Elu', alpha: f.alpha} : undefined;
    // ONNX Runtime's Softplus is infinite where eˣ is.
    case 'softplus':
    case 'exponential':
    case 'cappedRelu':
    // Of functions that are made of others it has none.
    case 'swish':
    case 'mish':
    case 'hardSwish':
    case 'gelu':
    case 'tanhGelu':
    case 'logSigmoid':
    case 'tanhShrink':
    case 'hardTanh':
    case 'softShrink':
    case 'softmax':
      return undefined;
  }
}
