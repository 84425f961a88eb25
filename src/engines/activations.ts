import type {Elementary} from '../recurrence/activations';
import type {Arithmetic} from './arithmetic';

/** f(x), element by element. */
export function activate<T>(m: Arithmetic<T>, f: Elementary, x: T): T {
  switch (f.kind) {
    case 'linear':
      return x;
    case 'tanh':
      return m.tanh(x);
    case 'sigmoid':
      return m.sigmoid(x);
    case 'relu':
      return m.relu(x);
    case 'softplus':
      return m.softplus(x);
    case 'softsign':
      return m.div(x, m.add(m.abs(x), m.scalar(1)));
    case 'exponential':
      return m.exp(x);
    case 'hardSigmoid':
      return clip(m, m.add(m.mul(x, m.scalar(f.slope)), m.scalar(f.offset)), 0, 1);
    case 'elu': {
      // expm1 of the negative part alone: the other would overflow.
      const below = m.mul(m.expm1(m.minimum(x, m.scalar(0))), m.scalar(f.alpha));
      const y = m.add(m.relu(x), below);
      return f.scale === 1 ? y : m.mul(y, m.scalar(f.scale));
    }
    case 'leakyRelu':
      return m.leakyRelu(x, f.alpha);
    case 'scaledTanh':
      return m.mul(m.tanh(m.mul(x, m.scalar(f.in))), m.scalar(f.out));
    case 'cappedRelu':
      return clip(m, x, 0, f.limit);
  }
}

/** f′(x), from y = f(x). */
export function slope<T>(m: Arithmetic<T>, f: Elementary, y: T): T {
  const one = (): T => m.scalar(1);
  switch (f.kind) {
    case 'linear':
      return m.add(m.zerosLike(y), one());
    case 'tanh':
      return m.sub(one(), m.square(y));
    case 'sigmoid':
      return m.mul(y, m.sub(one(), y));
    case 'relu':
      return positive(m, y);
    case 'softplus':
      return m.sub(one(), m.exp(m.neg(y)));
    case 'softsign':
      return m.square(m.sub(one(), m.abs(y)));
    case 'exponential':
      return y;
    case 'hardSigmoid':
      return m.mul(between(m, y, 0, 1), m.scalar(f.slope));
    case 'elu': {
      const above = positive(m, y);
      const below = m.add(y, m.scalar(f.alpha * f.scale));
      return m.add(m.mul(above, m.scalar(f.scale)), m.mul(m.sub(one(), above), below));
    }
    case 'leakyRelu': {
      const above = positive(m, y);
      return m.add(above, m.mul(m.sub(one(), above), m.scalar(f.alpha)));
    }
    case 'scaledTanh':
      return m.mul(m.sub(m.scalar(f.out * f.out), m.square(y)), m.scalar(f.in / f.out));
    case 'cappedRelu':
      return between(m, y, 0, f.limit);
  }
}

/** x, no lower and no higher than this. */
export function clip<T>(m: Arithmetic<T>, x: T, low: number, high: number): T {
  return m.minimum(m.maximum(x, m.scalar(low)), m.scalar(high));
}

function positive<T>(m: Arithmetic<T>, y: T): T {
  return m.greater(y, m.scalar(0));
}

function between<T>(m: Arithmetic<T>, y: T, low: number, high: number): T {
  return m.mul(m.greater(y, m.scalar(low)), m.less(y, m.scalar(high)));
}
