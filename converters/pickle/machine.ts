import {SMALL_FILE_BYTES} from '../limits';
import {PickleArray, PickleDtype} from './array';
import type {Cursor} from './cursor';
import {functionOf, isListed, lookUp} from './globals';
import {setArray, setDtype} from './numpy';
import {integer} from './text';
import {MUCH_LARGER} from './tree';
import {isTuple, kindOf, PickleGlobal, PickleObject, type PickleValue, quoted} from './value';

/**
 * The stack machine that a pickle is a program for (Python's Lib/pickle.py, `_Unpickler`): its stack, its memo, and what
 * instructions do to them. It builds data only.
 */
export class Machine {
  readonly cursor: Cursor;
  private readonly classes: readonly string[];
  private readonly stack: PickleValue[] = [];
  /** Where each mark stands in the stack. */
  private readonly marks: number[] = [];
  /** Sparse: an index of 2^32 costs one entry. */
  private readonly memo = new Map<number, PickleValue>();
  private extra: number;
  private objects = 0;

  constructor(cursor: Cursor, classes: readonly string[]) {
    this.cursor = cursor;
    this.classes = classes;
    this.extra = cursor.limits.pickleExtraPerByte * (SMALL_FILE_BYTES + cursor.bytes.length);
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    this.requireValue();
    return this.stack.pop()!;
  }

  top(): PickleValue {
    this.requireValue();
    return this.stack.at(-1)!;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** Everything above the last mark, and the mark itself, taken from the stack. */
  popMark(): PickleValue[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw this.cursor.fail('no mark on the stack; the pickle is damaged');
    return this.stack.splice(mark);
  }

  /** POP takes the last value, or the mark where that comes last. */
  discard(): void {
    if (this.marks.length > 0 && this.marks.at(-1) === this.stack.length) this.marks.pop();
    else this.pop();
  }

  /** As many values as asked for, in the order in which they were pushed. */
  popMany(count: number): PickleValue[] {
    const values: PickleValue[] = [];
    for (let i = 0; i < count; i++) values.unshift(this.pop());
    return values;
  }

  put(index: number | bigint | undefined): void {
    if (typeof index !== 'number' || index < 0)
      throw this.cursor.fail('a memo entry without a proper number');
    this.memo.set(index, this.top());
  }

  memoize(): void {
    this.put(this.memo.size);
  }

  get(index: number | bigint | undefined): void {
    const value = typeof index === 'number' ? this.memo.get(index) : undefined;
    if (value === undefined) throw this.cursor.fail(`memo entry ${index}, which has not been written`);
    this.push(value);
  }

  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list) || isTuple(list)) throw this.cursor.fail(`list items for ${kindOf(list)}`);
    for (const item of items) (list as PickleValue[]).push(item);
  }

  setItems(items: readonly PickleValue[]): void {
    const map = this.top();
    if (!(map instanceof Map)) throw this.cursor.fail(`dictionary items for ${kindOf(map)}`);
    this.fill(map as Map<PickleValue, PickleValue>, items);
  }

  dictionary(items: readonly PickleValue[]): void {
    this.countObject();
    const map = new Map<PickleValue, PickleValue>();
    this.fill(map, items);
    this.push(map);
  }

  addItems(items: readonly PickleValue[]): void {
    const set = this.top();
    if (!(set instanceof Set)) throw this.cursor.fail(`set items for ${kindOf(set)}`);
    for (const item of items) (set as Set<PickleValue>).add(this.key(item));
  }

  set(items: readonly PickleValue[]): void {
    this.countObject();
    this.push(new Set(items.map(item => this.key(item))));
  }

  /** A class or function by name: one that is listed, or none. */
  global(module: PickleValue, name: PickleValue): PickleGlobal {
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw this.cursor.fail(`${kindOf(module)} and ${kindOf(name)} as the name of a class or function`);
    }
    if (Math.max(module.length, name.length) > this.cursor.limits.pickleNameCharacters) {
      throw this.cursor.beyond('pickleNameCharacters', `the name ${quoted(`${module}.${name}`)}`);
    }
    const found = lookUp(module, name, this.classes);
    if (found === undefined) {
      throw this.cursor.refuse(
        `it names ${quoted(`${module}.${name}`)}, which is not read: expected NumPy arrays, Python's own containers and the library's classes`,
      );
    }
    return found;
  }

  /** A call of what is listed: a function of this reader, or a record of the call. */
  reduce(callee: PickleValue, args: PickleValue): void {
    if (!(callee instanceof PickleGlobal)) throw this.cursor.fail(`a call of ${kindOf(callee)}`);
    if (!isTuple(args)) throw this.cursor.fail(`a call with ${kindOf(args)}; expected a tuple`);
    this.countObject();
    const run = functionOf(callee);
    this.push(run === undefined ? this.instance(callee, args) : run(this.call(args)));
  }

  /** An instance of a listed class, inert. */
  create(type: PickleValue, args: PickleValue, keywords: PickleValue = new Map()): void {
    if (!(type instanceof PickleGlobal)) throw this.cursor.fail(`an instance of ${kindOf(type)}`);
    if (!isTuple(args)) throw this.cursor.fail(`an instance made with ${kindOf(args)}; expected a tuple`);
    if (!(keywords instanceof Map))
      throw this.cursor.fail(`an instance made with ${kindOf(keywords)} by name`);
    this.countObject();
    this.push(this.instance(type, args, keywords as Map<PickleValue, PickleValue>));
  }

  /** BUILD: the state of the object below it. */
  build(state: PickleValue): void {
    const target = this.top();
    const fail = (what: string) => this.cursor.fail(what);
    if (target instanceof PickleArray) setArray(target, state, fail);
    else if (target instanceof PickleDtype) setDtype(target, state, fail);
    else if (!(target instanceof PickleObject)) throw fail(`a state for ${kindOf(target)}`);
    else if (target.state !== undefined) throw fail(`a second state for ${kindOf(target)}`);
    else target.state = state;
  }

  /** The only value left when the program ends. */
  result(): PickleValue {
    const value = this.pop();
    if (this.stack.length > 0 || this.marks.length > 0) {
      throw this.cursor.fail('something unfinished is left on the stack at its end; the pickle is damaged');
    }
    return value;
  }

  private instance(
    type: PickleGlobal,
    args: readonly PickleValue[],
    keywords?: ReadonlyMap<PickleValue, PickleValue>,
  ): PickleObject {
    if (isListed(type, this.classes)) return new PickleObject(type, args, keywords);
    throw this.cursor.fail(`a call of ${type.module}.${type.name}, which is expected as a name only`);
  }

  private call(args: readonly PickleValue[]) {
    const {cursor} = this;
    return {
      args,
      where: `${cursor.where}: at byte ${cursor.start}`,
      fail: (what: string) => cursor.fail(what),
      spend: (amount: number) => this.spend(amount),
      key: (value: PickleValue) => this.key(value),
      isInert: (global: PickleGlobal) => isListed(global, this.classes),
    };
  }

  private fill(map: Map<PickleValue, PickleValue>, items: readonly PickleValue[]): void {
    if (items.length % 2 === 1) throw this.cursor.fail('a dictionary key without a value');
    for (let i = 0; i < items.length; i += 2) map.set(this.key(items[i]!), items[i + 1]!);
  }

  /** NumPy scalars are equal to their value; what Python cannot hash is no key. */
  private key(value: PickleValue): PickleValue {
    if (value instanceof PickleArray) {
      if (value.shape.length > 0) throw this.cursor.fail('an array as a key');
      this.spend(value.size);
      const {dtype, values} = value.read();
      const [scalar] = values;
      if (dtype === 'bool') return scalar === 1;
      return typeof scalar === 'bigint' ? integer(scalar) : scalar!;
    }
    if (value instanceof Map || value instanceof Set || (Array.isArray(value) && !isTuple(value))) {
      throw this.cursor.fail(`${kindOf(value)} as a key`);
    }
    return value;
  }

  private countObject(): void {
    if (++this.objects > this.cursor.limits.pickleObjects) {
      throw this.cursor.beyond('pickleObjects', 'too many dictionaries, sets, arrays and objects');
    }
  }

  private spend(amount: number): void {
    this.extra -= amount;
    if (this.extra < 0) {
      throw this.cursor.beyond('pickleExtraPerByte', MUCH_LARGER);
    }
  }

  private requireValue(): void {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) {
      throw this.cursor.fail('nothing on the stack; the pickle is damaged');
    }
  }
}
