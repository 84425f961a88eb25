import type {Cursor} from './cursor';
import type {Machine} from './machine';
import {decimal, float, latin1, rawUnicode, stringLiteral, twosComplement, utf8} from './text';
import {type PickleValue, tuple} from './value';

/** The newest protocol there is. */
export const MAX_PROTOCOL = 5;

type Instruction = (machine: Machine, cursor: Cursor) => void;

/** The instructions of protocols 0 to 5 but STOP; names and layouts: Python's Lib/pickletools.py. */
export const INSTRUCTIONS: ReadonlyMap<number, Instruction> = new Map<number, Instruction>([
  // Values
  [code('N'), constant(null)], // NONE
  [0x88, constant(true)], // NEWTRUE
  [0x89, constant(false)], // NEWFALSE
  [code('I'), (m, c) => m.push(plainInteger(c))], // INT
  [code('L'), (m, c) => m.push(wholeNumber(c))], // LONG
  [code('J'), (m, c) => m.push(c.int32())], // BININT
  [code('K'), (m, c) => m.push(c.uint8())], // BININT1
  [code('M'), (m, c) => m.push(c.uint16())], // BININT2
  [0x8a, (m, c) => m.push(longInteger(c, c.uint8()))], // LONG1
  [0x8b, (m, c) => m.push(longInteger(c, c.int32()))], // LONG4
  [code('F'), (m, c) => m.push(required(c, float(latin1(c.line())), 'a malformed float'))], // FLOAT
  [code('G'), (m, c) => m.push(c.float64())], // BINFLOAT
  [code('S'), (m, c) => m.push(required(c, stringLiteral(latin1(c.line())), 'a malformed string'))], // STRING
  [code('T'), (m, c) => m.push(latin1(c.take(length(c, c.int32()))))], // BINSTRING
  [code('U'), (m, c) => m.push(latin1(c.take(c.uint8())))], // SHORT_BINSTRING
  [code('V'), (m, c) => m.push(required(c, rawUnicode(latin1(c.line())), 'a malformed string'))], // UNICODE
  [code('X'), (m, c) => m.push(text(c, c.uint32()))], // BINUNICODE
  [0x8c, (m, c) => m.push(text(c, c.uint8()))], // SHORT_BINUNICODE
  [0x8d, (m, c) => m.push(text(c, c.uint64()))], // BINUNICODE8
  [code('B'), (m, c) => m.push(c.take(c.uint32()))], // BINBYTES
  [code('C'), (m, c) => m.push(c.take(c.uint8()))], // SHORT_BINBYTES
  [0x8e, (m, c) => m.push(c.take(c.uint64()))], // BINBYTES8
  [0x96, (m, c) => m.push(c.take(c.uint64()))], // BYTEARRAY8

  // Containers
  [code('('), m => m.mark()], // MARK
  [code(')'), m => m.push(tuple([]))], // EMPTY_TUPLE
  [code('t'), m => m.push(tuple(m.popMark()))], // TUPLE
  [0x85, m => m.push(tuple(m.popMany(1)))], // TUPLE1
  [0x86, m => m.push(tuple(m.popMany(2)))], // TUPLE2
  [0x87, m => m.push(tuple(m.popMany(3)))], // TUPLE3
  [code(']'), m => m.push([])], // EMPTY_LIST
  [code('l'), m => m.push(m.popMark())], // LIST
  [code('a'), m => m.append([m.pop()])], // APPEND
  [code('e'), m => m.append(m.popMark())], // APPENDS
  [code('}'), m => m.dictionary([])], // EMPTY_DICT
  [code('d'), m => m.dictionary(m.popMark())], // DICT
  [code('s'), m => m.setItems(m.popMany(2))], // SETITEM
  [code('u'), m => m.setItems(m.popMark())], // SETITEMS
  [0x8f, m => m.set([])], // EMPTY_SET
  [0x90, m => m.addItems(m.popMark())], // ADDITEMS
  [0x91, m => m.set(m.popMark())], // FROZENSET

  // Stack and memo
  [code('0'), m => m.discard()], // POP
  [code('1'), m => void m.popMark()], // POP_MARK
  [code('2'), m => m.push(m.top())], // DUP
  [code('p'), (m, c) => m.put(wholeNumber(c))], // PUT
  [code('q'), (m, c) => m.put(c.uint8())], // BINPUT
  [code('r'), (m, c) => m.put(c.uint32())], // LONG_BINPUT
  [0x94, m => m.memoize()], // MEMOIZE
  [code('g'), (m, c) => m.get(wholeNumber(c))], // GET
  [code('h'), (m, c) => m.get(c.uint8())], // BINGET
  [code('j'), (m, c) => m.get(c.uint32())], // LONG_BINGET

  // Classes and instances
  [code('c'), (m, c) => m.push(named(m, c))], // GLOBAL
  [0x93, stackGlobal], // STACK_GLOBAL
  [code('R'), onTop((m, [callee, args]) => m.reduce(callee!, args!), 2)], // REDUCE
  [0x81, onTop((m, [type, args]) => m.create(type!, args!), 2)], // NEWOBJ
  [0x92, onTop((m, [type, args, keywords]) => m.create(type!, args!, keywords), 3)], // NEWOBJ_EX
  [code('i'), (m, c) => m.create(named(m, c), tuple(m.popMark()))], // INST
  [code('o'), object], // OBJ
  [code('b'), m => m.build(m.pop())], // BUILD

  // Framing
  [0x80, protocol], // PROTO
  [0x95, (_, c) => frame(c)], // FRAME

  // What reaches beyond the file
  [code('P'), refused('a persistent id, which means something only to the program that wrote it')], // PERSID
  [code('Q'), refused('a persistent id, which means something only to the program that wrote it')], // BINPERSID
  [0x82, refused('an extension code, which means something only to the program that wrote it')], // EXT1
  [0x83, refused('an extension code, which means something only to the program that wrote it')], // EXT2
  [0x84, refused('an extension code, which means something only to the program that wrote it')], // EXT4
  [0x97, refused('a buffer outside the pickle; expected the values in it')], // NEXT_BUFFER
  [0x98, refused('a buffer outside the pickle; expected the values in it')], // READONLY_BUFFER
]);

/** The end of the program. */
export const STOP = code('.');

function code(character: string): number {
  return character.charCodeAt(0);
}

function constant(value: PickleValue): Instruction {
  return machine => machine.push(value);
}

function refused(what: string): Instruction {
  return (_, cursor) => {
    throw cursor.refuse(what);
  };
}

function required<T>(cursor: Cursor, value: T | undefined, what: string): T {
  if (value === undefined) throw cursor.fail(what);
  return value;
}

/** Lengths of BINSTRING and LONG4 are signed. */
function length(cursor: Cursor, size: number): number {
  if (size < 0) throw cursor.fail(`a length of ${size}`);
  return size;
}

function wholeNumber(cursor: Cursor): number | bigint {
  return digits(cursor, latin1(cursor.line()));
}

/** Protocols 0 and 1 write booleans as integers of two digits. */
function plainInteger(cursor: Cursor): PickleValue {
  const line = latin1(cursor.line());
  if (line === '00' || line === '01') return line === '01';
  return digits(cursor, line);
}

function digits(cursor: Cursor, line: string): number | bigint {
  if (line.length > cursor.limits.pickleDigits) {
    throw cursor.beyond('pickleDigits', `an integer of ${line.length} digits`);
  }
  return required(cursor, decimal(line), 'a malformed integer');
}

function longInteger(cursor: Cursor, size: number): number | bigint {
  if (length(cursor, size) > cursor.limits.pickleIntegerBytes) {
    throw cursor.beyond('pickleIntegerBytes', `an integer of ${size} bytes`);
  }
  return twosComplement(cursor.take(size));
}

function text(cursor: Cursor, size: number): string {
  return required(cursor, utf8(cursor.take(size)), 'a string that is not UTF-8');
}

function named(machine: Machine, cursor: Cursor): PickleValue {
  const module = latin1(cursor.line());
  return machine.global(module, latin1(cursor.line()));
}

function onTop(act: (machine: Machine, values: PickleValue[]) => void, count: number): Instruction {
  return machine => act(machine, machine.popMany(count));
}

function stackGlobal(machine: Machine): void {
  const [module, name] = machine.popMany(2);
  machine.push(machine.global(module!, name!));
}

function object(machine: Machine, cursor: Cursor): void {
  const [type, ...args] = machine.popMark();
  if (type === undefined) throw cursor.fail('an instance without a class');
  machine.create(type, tuple(args));
}

function protocol(_: Machine, cursor: Cursor): void {
  const version = cursor.uint8();
  if (version > MAX_PROTOCOL) {
    throw cursor.refuse(`pickle protocol ${version}; protocols 0 to ${MAX_PROTOCOL} are known`);
  }
}

/** Frames only say how much to read ahead. */
function frame(cursor: Cursor): void {
  const size = cursor.uint64();
  if (size > cursor.left) throw cursor.fail(`cut off: a frame of ${size} bytes, ${cursor.left} are left`);
}
