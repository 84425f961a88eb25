import {availableEngines, getEngine, setEngine} from '../engines/registry';
import {CarryoverError} from '../errors';
import {useBackend} from '../node/backend';
import {useOnnx} from '../node/onnx';
import {oneOf} from './args';

const ENGINES = ['auto', 'native', 'onnx', 'wasm', 'ops'] as const;
const BACKENDS = ['auto', 'cpu', 'tensorflow'] as const;

/**
 * Loads the backend and chooses the engine.
 * @returns both, for people: `ops on tensorflow`
 * @throws CarryoverError `E_ENGINE` for one that is not to be had here
 */
export async function chooseEngine(
  verb: string,
  {engine, backend}: {readonly engine?: string; readonly backend?: string},
): Promise<string> {
  const name = oneOf(verb, 'engine', engine, ENGINES, 'auto');
  const wanted = oneOf(verb, 'backend', backend, BACKENDS, 'auto');
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
  setEngine(name === 'auto' && known.length === 1 ? known[0]! : name);
  return `${getEngine()} on ${used}`;
}
