import {setBackend} from '@tensorflow/tfjs-core';
import {CarryoverError} from '../errors';
import {loadNativeBackend} from './native/load';

/** `auto`: TensorFlow's native backend where it is installed, else plain JavaScript. */
export type BackendChoice = 'auto' | 'cpu' | 'tensorflow';

/**
 * Loads a tfjs backend and makes it the current one.
 * @returns the name of the backend in use
 * @throws CarryoverError `E_ENGINE` where `tensorflow` is asked for and cannot be had; says what to do
 */
export async function useBackend(choice: BackendChoice = 'auto'): Promise<'cpu' | 'tensorflow'> {
  if (choice !== 'cpu') {
    const native = await loadNativeBackend();
    if (native.available) {
      await setBackend('tensorflow');
      return 'tensorflow';
    }
    if (choice === 'tensorflow') throw new CarryoverError('E_ENGINE', native.reason);
  }
  await import('@tensorflow/tfjs-backend-cpu');
  await setBackend('cpu');
  return 'cpu';
}
