import type {Term} from './term';

/** A step of a cell, found from what it puts out back to all that it reads: nothing in between is left unread. */
export interface CellStep {
  /** The cell in TensorFlow's words. */
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Its arrays by their roles. */
  readonly weights: Readonly<Record<string, Term>>;
  readonly x: Term;
  /** The states before: c and h, or the only one. */
  readonly previous: readonly Term[];
  /** The states after. */
  readonly next: readonly Term[];
  readonly output: Term;
}

/** A product with a weight, and the bias that is added to it. */
export interface Product {
  readonly inputs: readonly Term[];
  readonly kernel: Term;
  readonly bias: Term;
  /** Columns. */
  readonly width: number;
}

/** A weight of so many axes. */
export function weight(term: Term | undefined, rank: number): Term | undefined {
  return rankOf(term) === rank ? term : undefined;
}

/** Of weights that a graph puts together of parts, one below the other, too. */
function rankOf(term: Term | undefined): number | undefined {
  if (term?.op === 'concat' && term.data === '0') {
    const ranks = term.args.map(rankOf);
    return ranks.every(rank => rank === ranks[0]) ? ranks[0] : undefined;
  }
  return term?.value && /^float/.test(term.value.dtype) ? term.value.shape.length : undefined;
}

/** The shape of a weight. */
export function shapeOf(term: Term): readonly number[] {
  if (term.op !== 'concat') return term.value?.shape ?? [];
  const shapes = term.args.map(shapeOf);
  return [shapes.reduce((sum, shape) => sum + (shape[0] ?? 0), 0), ...(shapes[0] ?? []).slice(1)];
}

/** `[a, b, ...] · W + b` */
export function productOf(term: Term): Product | undefined {
  if (term.op !== 'add') return undefined;
  for (const [product, added] of [term.args, [...term.args].reverse()]) {
    const bias = weight(added, 1);
    const kernel = product?.op === 'matmul' ? weight(product.args[1], 2) : undefined;
    const rows = product?.args[0];
    if (!bias || !kernel || !rows) continue;
    const width = shapeOf(kernel)[1]!;
    const joined = rows.op === 'concat' && (rows.data === '1' || rows.data === '-1');
    if (shapeOf(bias)[0] === width) return {inputs: joined ? rows.args : [rows], kernel, bias, width};
  }
  return undefined;
}

/** A cut of a product into equal parts: the whole, which part, of how many. */
export function partOf(term: Term): {whole: Term; index: number; count: number} | undefined {
  const found = term.op === 'part' ? /^(\d+)\/(\d+)$/.exec(term.data) : null;
  return found ? {whole: term.args[0]!, index: Number(found[1]), count: Number(found[2])} : undefined;
}
