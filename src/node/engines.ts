import {nativeEngine} from '../engines/native/engine';
import {registerEngine} from '../engines/registry';
import {registerOnnx} from './onnx';

/** Adds the engines that need Node; each says at a call whether it can run on the backend in use. */
export function registerNodeEngines(): void {
  registerEngine(nativeEngine);
  registerOnnx();
}
