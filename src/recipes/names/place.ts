/** Where a cell sits: in which layer, which direction, its index in a MultiRNNCell. */
export interface Place {
  /** The layer's scope: `rnn`, `model/bidirectional_rnn`, or nothing. */
  readonly layer: string;
  readonly direction?: 'fw' | 'bw';
  /** Within a MultiRNNCell. */
  readonly index?: number;
}

const MULTI = /^(?:multi_?rnn_?cell)(?:_\d+)?$/i;
const CELL = /^cell_?(\d+)$/i;
const DIRECTION = /^(?:(.+)_)?(fw|bw|forward|backward)$/i;

/** A cell's place, from the scopes before its own; `named` when its own scope is the cell's class. */
export function placeOf(scope: string, named: boolean): Place {
  const parts = scope === '' ? [] : scope.split('/');
  if (named) parts.pop();
  let index: number | undefined;
  const cell = CELL.exec(parts.at(-1) ?? '');
  const inMulti = MULTI.test(parts.at(-2) ?? '');
  if (cell && (inMulti || parts.length === 1)) {
    index = Number(cell[1]);
    parts.pop();
  }
  if (MULTI.test(parts.at(-1) ?? '')) parts.pop();
  const direction = DIRECTION.exec(parts.at(-1) ?? '');
  if (!direction) return {layer: parts.join('/'), index};
  parts.splice(-1, 1, ...(direction[1] ? [direction[1]] : []));
  const side = direction[2]!.toLowerCase();
  return {
    layer: parts.join('/'),
    direction: side === 'fw' || side === 'forward' ? 'fw' : 'bw',
    index,
  };
}

/** In order of name, numbers by their value. */
export const byName = (a: string, b: string): number => a.localeCompare(b, 'en', {numeric: true});
