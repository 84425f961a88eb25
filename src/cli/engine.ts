import {availableEngines, getEngine, setEngine} from '../engines/registry';
import {CarryoverError} from '../errors';
import {useBackend} from '../node/backend';
import {useOnnx} from '../node/onnx';
import {oneOf, usage} from './args';

const ENGINES = ['auto', 'native', 'onnx', 'wasm', 'ops'] as const;
const BACKENDS = ['auto', 'cpu', 'tensorflow'] as const;

interface EngineArguments {
  readonly engine?: string;
  readonly backend?: string;
  readonly threads?: string;
}

/**
 * Loads the backend and chooses the engine.
 * @returns both, for people: `ops on tensorflow`
 * @throws CarryoverError `E_ENGINE` for one that is not to be had here, `E_USAGE` for a word that is none
 */
export async function chooseEngine(
  verb: string,
  {engine, backend, threads: count}: EngineArguments,
): Promise<string> {
  const name = oneOf(verb, 'engine', engine, ENGINES, 'auto');
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
  const used = await useBackend(name === 'native' ? 'tensorflow' : wanted);
  if (name === 'onnx') {
    const onnx = useOnnx();
    if (!onnx.available) throw new CarryoverError('E_ENGINE', `engine onnx: ${onnx.reason}`);
  }
  const known = availableEngines();
  setEngine(name === 'auto' && known.length === 1 ? known[0]! : name, {threads});
  return `${getEngine()} on ${used}`;
}
