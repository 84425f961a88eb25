import type {Id, Node} from '../../recurrence/expression';
import {activationOf, ELEMENT, slopeOf} from './codes';
import type {Sizes} from './layout';
import {sizesOf, usesOf} from './nodes';
import type {PackSpec} from './packs';
import type {Place} from './program';

/** A value of one gate's width that a step computes; where it is kept is decided once all of its readers are known. */
export interface Value {
  readonly numbers: number;
  home?: Place;
}

export type Operand = Value | Place;

export function isPlace(operand: Operand): operand is Place {
  return 'region' in operand;
}

/** What a step does, in order. */
export type Action =
  | {
      readonly kind: 'element';
      readonly code: number;
      readonly numbers: readonly [number, number];
      readonly to: Operand;
      /** a, b, c. */
      readonly operands: readonly Operand[];
      readonly size: number;
    }
  /** Adds x·B to `to`, a place for each gate of B, one after the other. */
  | {
      readonly kind: 'product';
      readonly x: Operand;
      readonly pack: PackSpec;
      readonly to: readonly Place[];
    }
  | {readonly kind: 'zero'; readonly to: Place; readonly bytes: number}
  | {
      readonly kind: 'rows';
      readonly instruction: 'inverseDeviation' | 'standardize' | 'standardizeGradient';
      readonly to: Value;
      readonly x: Operand;
      /** The scale, or epsilon where the scale is made; y where it goes backwards. */
      readonly others: readonly (Operand | number)[];
    };

/** Where a step's leaves are. */
export interface LeafPlaces {
  /** A place for each part of a leaf that is not a mask. */
  leaf(node: Node): readonly Place[];
  /** The mask along rows of so many numbers. */
  mask(of: 'this' | 'previous', numbers: number): Place;
  savedSize(id: Id): number;
  /** Room for so many values, one after the other. */
  room(count: number, numbers: number): readonly Place[];
}

export interface Lowered {
  readonly actions: Action[];
  /** The parts of each node's value that was asked for. */
  operands(id: Id): readonly Operand[];
}

/**
 * A step's graph as actions of the kernel. Joined gates are taken apart: every value is one gate wide. What needs no
 * computing (parts, joints) is none.
 *
 * @param wanted nodes that are read from outside
 */
export function lower(
  nodes: readonly Node[],
  wanted: readonly Id[],
  sizes: Sizes,
  places: LeafPlaces,
): Lowered {
  const numbers = sizesOf(nodes, sizes.recurrence, places.savedSize);
  const uses = usesOf(nodes, wanted);
  const actions: Action[] = [];
  const values = new Map<Id, readonly Operand[]>();
  const rowValues = new Map<string, Operand>();
  /** Products of two values that are read once: an addition may take them in. */
  const factors = new Map<Id, readonly [readonly Operand[], readonly Operand[]]>();
  const withInput = productsOntoInputs(nodes, uses);

  const element = (
    code: number,
    operands: readonly Operand[],
    size: number,
    constants: readonly [number, number] = [0, 0],
  ): Value => {
    const to: Value = {numbers: size};
    actions.push({kind: 'element', code, numbers: constants, to, operands, size});
    return to;
  };
  const isRow = (id: Id): boolean => numbers[id] === 0;
  /** A value of the row, along so many numbers. */
  const alongRow = (id: Id, size: number): Operand => {
    const key = `${id} ${size}`;
    const known = rowValues.get(key);
    if (known) return known;
    const node = nodes[id]!;
    let value: Operand;
    if (node.op === 'mask') value = places.mask(node.of, size);
    else if (node.op === 'complement') value = element(ELEMENT.complement, [alongRow(node.x, size)], size);
    else throw new TypeError(`'${node.op}' gives no number per row`);
    rowValues.set(key, value);
    return value;
  };
  /** The parts of a value; those of a product that waits for an addition are made now. */
  const at = (id: Id): readonly Operand[] => {
    const pair = factors.get(id);
    if (pair) {
      factors.delete(id);
      values.set(
        id,
        pairs(pair[0], pair[1], (a, b) => element(ELEMENT.multiply, [a, b], numbers[id]!)),
      );
    }
    return values.get(id)!;
  };
  const operands = (a: Id, b: Id): readonly [readonly Operand[], readonly Operand[]] => {
    const size = Math.max(numbers[a]!, numbers[b]!);
    return [isRow(a) ? [alongRow(a, size)] : at(a), isRow(b) ? [alongRow(b, size)] : at(b)];
  };
  const unary = (x: Id, code: number, constants?: readonly [number, number]): readonly Operand[] =>
    at(x).map(part => element(code, [part], numbers[x]!, constants));

  const compute = (node: Node, id: Id): readonly Operand[] | undefined => {
    const size = numbers[id]!;
    switch (node.op) {
      case 'mask':
      case 'slope':
        return undefined;
      case 'input':
      case 'state':
      case 'weight':
      case 'dropout':
      case 'saved':
      case 'upstream':
        return places.leaf(node);
      case 'product': {
        const input = withInput.get(id);
        const to = input === undefined ? cleared(node, size) : places.leaf(nodes[input]!);
        const {weight, transposed} = node;
        for (const [k, x] of at(node.x).entries()) {
          // Gate after gate where the product runs back from them.
          const gates = transposed && node.gates.length > 0 ? [node.gates[k]!] : node.gates;
          actions.push({kind: 'product', x, pack: {weight, gates, transposed}, to});
        }
        return to;
      }
      case 'part': {
        const parts = at(node.x);
        const share = parts.length / node.count;
        return parts.slice(node.index * share, (node.index + 1) * share);
      }
      case 'join':
        return node.parts.flatMap(at);
      case 'add': {
        // The product already is where the input was.
        const onto = [node.a, node.b].find(one => withInput.has(one));
        if (onto !== undefined) return at(onto);
        const waits = [node.a, node.b].find(one => factors.has(one));
        if (waits === undefined)
          return pairs(...operands(node.a, node.b), (a, b) => element(ELEMENT.add, [a, b], size));
        const [a, b] = factors.get(waits)!;
        factors.delete(waits);
        const c = at(waits === node.a ? node.b : node.a);
        return pairs(a, b, (x, y, k) => element(ELEMENT.multiplyAdd, [x, y, c[k]!], size));
      }
      case 'mul': {
        const slopes = [node.a, node.b].find(one => nodes[one]!.op === 'slope');
        if (slopes !== undefined) {
          const {y, activation} = nodes[slopes] as Extract<Node, {op: 'slope'}>;
          const {code, numbers: constants} = slopeOf(activation);
          const dy = at(slopes === node.a ? node.b : node.a);
          return pairs(dy, at(y), (a, b) => element(code, [a, b], size, constants));
        }
        const both = operands(node.a, node.b);
        const onlyAdded =
          uses[id] === 1 && nodes.some(({op, ...rest}) => op === 'add' && readsOnce(rest, id));
        if (!onlyAdded) return pairs(...both, (a, b) => element(ELEMENT.multiply, [a, b], size));
        factors.set(id, both);
        return undefined;
      }
      case 'complement':
        return isRow(id) ? undefined : unary(node.x, ELEMENT.complement);
      case 'negate':
        return unary(node.x, ELEMENT.negate);
      case 'offset':
        return unary(node.x, ELEMENT.offset, [node.by, 0]);
      case 'clip':
        return unary(node.x, ELEMENT.clip, [node.limit, 0]);
      case 'inside':
        return unary(node.x, ELEMENT.inside, [node.limit, 0]);
      case 'activate': {
        const {code, numbers: constants} = activationOf(node.activation);
        return unary(node.x, code, constants);
      }
      case 'limitGradient':
        return at(node.x);
      case 'zeros':
        return at(node.like).map(() => element(ELEMENT.zero, [], size));
      case 'inverseDeviation':
        return at(node.x).map(x => rows('inverseDeviation', size, x, node.epsilon));
      case 'standardize':
        return pairs(at(node.x), at(node.scale), (x, scale) => rows('standardize', size, x, scale));
      case 'standardizeGradient': {
        const [y, scale] = [at(node.y), at(node.scale)];
        return at(node.dy).map((dy, k) => rows('standardizeGradient', size, dy, scale[k]!, y[k]!));
      }
    }
  };
  /** Room for a product, set to zero. */
  const cleared = (node: Extract<Node, {op: 'product'}>, size: number): readonly Place[] => {
    const count = node.transposed ? 1 : Math.max(1, node.gates.length);
    const to = places.room(count, size);
    actions.push({kind: 'zero', to: to[0]!, bytes: count * sizes.value(size)});
    return to;
  };
  const rows = (
    instruction: Extract<Action, {kind: 'rows'}>['instruction'],
    size: number,
    x: Operand,
    ...others: (Operand | number)[]
  ): Value => {
    const to: Value = {numbers: size};
    actions.push({kind: 'rows', instruction, to, x, others});
    return to;
  };
  for (const [id, node] of nodes.entries()) {
    const parts = compute(node, id);
    if (parts) values.set(id, parts);
  }
  return {actions, operands: at};
}

/** One of two lists may have a single part, which goes with each of the other's. */
function pairs<T>(
  a: readonly Operand[],
  b: readonly Operand[],
  make: (a: Operand, b: Operand, k: number) => T,
): T[] {
  return Array.from({length: Math.max(a.length, b.length)}, (_, k) =>
    make(a[Math.min(k, a.length - 1)]!, b[Math.min(k, b.length - 1)]!, k),
  );
}

/** Products that are added to an input that nothing else reads: they are made where the input is. */
function productsOntoInputs(nodes: readonly Node[], uses: readonly number[]): Map<Id, Id> {
  const found = new Map<Id, Id>();
  for (const node of nodes) {
    if (node.op !== 'add') continue;
    for (const [x, y] of [
      [node.a, node.b],
      [node.b, node.a],
    ] as const) {
      const alone = uses[x] === 1 && uses[y] === 1;
      if (alone && nodes[x]!.op === 'product' && nodes[y]!.op === 'input') found.set(x, y);
    }
  }
  return found;
}

function readsOnce(node: object, id: Id): boolean {
  const {a, b} = node as {a: Id; b: Id};
  return (a === id) !== (b === id);
}
