import {availableEngines, setEngine} from '../../engines/registry';
import {type Choice, traceChoices} from '../../engines/trace';
import {ratios, type Spread, spread, type TurnOptions, takeTurns, timed} from './turns';

/** What one choice of engine makes of a model. Times in milliseconds. */
export interface Measured {
  /** `auto` or an engine. */
  readonly engine: string;
  /** The engines that its recurrences ran on, in the order of the calls. */
  readonly runs: readonly string[];
  /** What those expected to take, all recurrences together. */
  readonly estimate?: number;
  readonly time?: Spread;
  /** Its time by that of `auto` in the same round. */
  readonly byAuto?: Spread;
  /** Why it is not timed, or what it leaves to others. */
  readonly reason?: string;
}

export interface Measurement {
  /** The recurrences of one run of the model, with the choice that `auto` made for each. */
  readonly choices: readonly Choice[];
  readonly engines: readonly Measured[];
}

/**
 * Times engines on a model, in turn, `auto` first.
 * @param names engines of the registry
 * @param run runs the model once, from its inputs to values in JavaScript
 */
export async function measure(
  names: readonly string[],
  run: () => void,
  options: TurnOptions,
): Promise<Measurement> {
  const able = availableEngines();
  const choices = choicesOf('auto', run);
  const looks = names.map(name => look(name, able.includes(name) ? choicesOf(name, run) : [], choices));
  const timedOnes = [look('auto', choices, choices), ...looks.filter(({estimate}) => estimate !== undefined)];
  const times = await takeTurns(
    timedOnes.map(({engine}) => ({
      name: engine,
      block: calls => {
        setEngine(engine);
        return timed(run, calls);
      },
    })),
    options,
  );
  setEngine('auto');
  const measured = timedOnes.map((one, k): Measured => {
    const own = times[k]!;
    return {...one, time: spread(own), byAuto: spread(ratios(own, times[0]!))};
  });
  return {choices, engines: [...measured, ...looks.filter(({estimate}) => estimate === undefined)]};
}

/** The choices of engines in one run. */
function choicesOf(name: string, run: () => void): Choice[] {
  const seen: Choice[] = [];
  setEngine(name);
  traceChoices(choice => seen.push(choice));
  try {
    run();
  } finally {
    traceChoices(undefined);
  }
  return seen;
}

/**
 * What an engine does in a run. It has no estimate, and is not timed, where it runs nothing.
 * @param own the choices with that engine, `auto` those without one
 */
function look(engine: string, own: readonly Choice[], auto: readonly Choice[]): Measured {
  const runs = own.map(choice => choice.engine);
  const refusals = auto.flatMap(({candidates}) => {
    const said = candidates.find(candidate => candidate.engine === engine);
    return said?.refusal === undefined ? [] : [said.refusal];
  });
  const reason = [...new Set(refusals)].join('; ') || undefined;
  if (engine !== 'auto' && !runs.includes(engine)) return {engine, runs: [], reason};
  return {engine, runs, estimate: own.reduce((sum, choice) => sum + expected(choice), 0), reason};
}

const expected = ({engine, candidates}: Choice): number =>
  candidates.find(candidate => candidate.engine === engine)?.estimate ?? Number.NaN;
