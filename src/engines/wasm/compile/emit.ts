import {CONSTANTS} from '../isa';
import {
  type Action,
  type ElementAction,
  type InstructionAction,
  isPlace,
  type Operand,
  type Value,
} from './actions';
import type {Compilation} from './compilation';
import type {Lowered} from './lower';
import type {InstructionWords, Place} from './program';

/** Where a value is wanted after the step. */
export interface Sink {
  readonly value: Operand;
  readonly to: Place;
  readonly elements: number;
  /** Nothing reads what was there before: the value may be computed right there. */
  readonly direct: boolean;
}

/** Writes a step's actions into a program, with copies of what could not be computed where it is wanted. */
export function emitStep(c: Compilation, {actions}: Lowered, sinks: readonly Sink[]): void {
  const {first, last} = settle(sinks, actions);
  const runs = runsOf([...first, ...actions, ...last]);
  assignHomes(runs, c);
  const spare: Place[] = [];
  for (const run of runs) {
    if (run[0]!.kind === 'element') emitElements(c, run as ElementAction[], spare);
    else for (const action of run) (action as InstructionAction).write();
  }
}

const keyOf = ({region, offset}: Place): string => `${region} ${offset}`;

/**
 * Makes sinks the homes of values; a value that cannot be computed there is copied. A new state may take the old one's
 * place where no later action reads that.
 */
function settle(
  sinks: readonly Sink[],
  actions: readonly Action[],
): {first: ElementAction[]; last: ElementAction[]} {
  const [first, last]: [ElementAction[], ElementAction[]] = [[], []];
  const written = new Set(actions.flatMap(({to}) => (Array.isArray(to) ? to.map(keyOf) : [])));
  for (const sink of sinks.filter(({direct}) => direct)) {
    const {value, to} = sink;
    if (isPlace(value)) (written.has(keyOf(value)) ? last : first).push(copyTo(sink));
    else if (value.home === undefined) value.home = to;
    else last.push(copyTo(sink));
  }
  const states = sinks.filter(({direct}) => !direct);
  const lastRead = lastReadsOf(actions, states);
  for (const sink of states) {
    const {value, to} = sink;
    const made = actions.findIndex(action => action.kind === 'element' && action.to === value);
    if (!isPlace(value) && value.home === undefined && made >= (lastRead.get(keyOf(to)) ?? 0))
      value.home = to;
    else last.push(copyTo(sink));
  }
  return {first, last};
}

function copyTo({value, to, elements}: Sink): ElementAction {
  return {kind: 'element', operation: 'copy', to, operands: [value], elements};
}

/** The last action that reads each place; sinks read after all actions. */
function lastReadsOf(actions: readonly Action[], sinks: readonly Sink[]): Map<string, number> {
  const lastRead = new Map<string, number>();
  for (const [k, action] of actions.entries())
    for (const operand of action.operands) if (isPlace(operand)) lastRead.set(keyOf(operand), k);
  for (const {value} of sinks) if (isPlace(value)) lastRead.set(keyOf(value), actions.length);
  return lastRead;
}

/** Runs of element-wise actions on values of one size; each other action is a run of its own. */
function runsOf(actions: readonly Action[]): Action[][] {
  const runs: Action[][] = [];
  for (const action of actions) {
    const last = runs.at(-1);
    const before = last?.[0];
    const joins =
      action.kind === 'element' && before?.kind === 'element' && before.elements === action.elements;
    if (joins) last!.push(action);
    else runs.push([action]);
  }
  return runs;
}

/** Allocates whole values for what is read outside of the run that computes it. */
function assignHomes(runs: readonly (readonly Action[])[], c: Compilation): void {
  const madeIn = new Map<Operand, number>();
  const assign = (operand: Operand): void => {
    if (!isPlace(operand)) operand.home ??= c.value(operand.elements);
  };
  for (const [here, run] of runs.entries()) {
    for (const action of run) {
      const apart = action.kind !== 'element';
      for (const operand of action.operands) if (apart || madeIn.get(operand) !== here) assign(operand);
      if (action.kind === 'element') madeIn.set(action.to, here);
      else if (!Array.isArray(action.to)) assign(action.to as Value);
    }
  }
}

/**
 * Writes a run as one instruction. Values without a home have room for one block, which is used again once no later
 * operation reads it.
 */
function emitElements(c: Compilation, run: readonly ElementAction[], spare: Place[]): void {
  const lastRead = new Map<Operand, number>();
  for (const [k, {operands}] of run.entries()) for (const operand of operands) lastRead.set(operand, k);
  const blocks = new Map<Operand, Place>();
  /** Where an operand is; its mask says whether it goes on from block to block. */
  const at = (operand?: Operand): readonly [Place | undefined, boolean] => {
    if (operand === undefined) return [undefined, false];
    const whole = isPlace(operand) ? operand : operand.home;
    return whole ? [whole, true] : [blocks.get(operand), false];
  };
  const operations: InstructionWords<'elements'>['operations'][number][] = [];
  for (const [k, action] of run.entries()) {
    const {operation, to: result, operands} = action;
    const [[a, aMask], [b, bMask], [third, cMask]] = [at(operands[0]), at(operands[1]), at(operands[2])];
    for (const operand of new Set(operands)) {
      const block = blocks.get(operand);
      if (block && lastRead.get(operand) === k) spare.push(block);
    }
    if (!isPlace(result) && !result.home)
      blocks.set(result, spare.pop() ?? c.data.allocate(CONSTANTS.BLOCK * 4));
    const [to, toMask] = at(result);
    const [p, q] = action.parameters ?? [0, 0];
    operations.push({operation, to: to!, toMask, a, aMask, b, bMask, c: third, cMask, p, q});
  }
  // Blocks that nothing has read.
  for (const [value, block] of blocks) if (!lastRead.has(value)) spare.push(block);
  c.add('step', 'elements', {bytes: c.sizes.value(run[0]!.elements), operations});
}
