import {nativeEngine} from '../engines/native/engine';
import {registerEngine} from '../engines/registry';
import {useWorkers} from '../engines/wasm/run/runtime';
import {registerWholeGraphs} from '../graph/choose';
import {nativeGraphs} from '../graph/native/runner';
import {registerOnnx} from './onnx';
import {nodeWorkers} from './workers';

/** Adds the engines that need Node; each says at a call whether it can run on the backend in use. */
export function registerNodeEngines(): void {
  useWorkers(nodeWorkers);
  registerEngine(nativeEngine);
  registerWholeGraphs(nativeGraphs);
  registerOnnx();
}
