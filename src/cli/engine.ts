import {
  availableEngines,
  engineLabel,
  engineNames,
  getEngine,
  setEngine,
  takeUsedEngines,
} from '../engines/registry';
import {CarryoverError} from '../errors';
import {useBackend} from '../node/backend';
import {registerNodeEngines} from '../node/engines';
import {useOnnx} from '../node/onnx';
import {oneOf, usage} from './args';

const BACKENDS = ['auto', 'cpu', 'tensorflow'] as const;

interface EngineArguments {
  readonly engine?: string;
  readonly backend?: string;
  readonly threads?: string;
}

/** The engine that a verb asked for, and those that ran. */
export interface ChosenEngine {
  readonly backend: string;
  /** Engine and backend as they were chosen, for people: `auto on cpu`. */
  readonly chosen: string;
  /** Engines and backend as they ran since this was last asked: `onnx, wasm on cpu`. */
  ran(): string;
}

/**
 * Loads the backend and chooses the engine.
 * @throws CarryoverError `E_ENGINE` for one that is not to be had here, `E_USAGE` for a word that is none
 */
export async function chooseEngine(
  verb: string,
  {engine, backend, threads: count}: EngineArguments,
): Promise<ChosenEngine> {
  registerNodeEngines();
  const name = oneOf(verb, 'engine', engine, ['auto', ...engineNames()], 'auto');
  const wanted = oneOf(verb, 'backend', backend, BACKENDS, 'auto');
  const threads = count === undefined ? undefined : Number(count);
  if (count !== undefined && !/^0*[1-9]\d*$/.test(count))
    throw usage(verb, `--threads '${count}' is no whole number of 1 or more`);
  if (name === 'native' && wanted === 'cpu') {
    throw new CarryoverError(
      'E_ENGINE',
      'engine native runs on backend tensorflow, not on cpu; leave --backend out',
    );
  }
  // A backend brings the engines that run on it.
  const loaded = await useBackend(name === 'native' ? 'tensorflow' : wanted);
  if (name === 'onnx') {
    const onnx = useOnnx();
    if (!onnx.available) throw new CarryoverError('E_ENGINE', `engine onnx: ${onnx.reason}`);
  }
  const known = availableEngines();
  setEngine(name === 'auto' && known.length === 1 ? known[0]! : name, {threads});
  takeUsedEngines();
  return {
    backend: loaded,
    chosen: engineLabel([getEngine()], loaded),
    ran: () => engineLabel(takeUsedEngines(), loaded),
  };
}
