import {engine, env, scalar, setBackend} from '@tensorflow/tfjs-core';
import {CarryoverError} from '../errors';
import {registerNodeEngines} from './engines';
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
      registerNodeEngines();
      return 'tensorflow';
    }
    if (choice === 'tensorflow') throw new CarryoverError('E_ENGINE', native.reason);
  }
  await import('@tensorflow/tfjs-backend-cpu');
  await setBackend('cpu');
  registerNodeEngines();
  withoutGreeting();
  return 'cpu';
}

/** Loads a backend as `useBackend` does where the program has loaded none; the one it has is left alone. */
export async function ensureBackend(): Promise<void> {
  if (engine().backendNames().length === 0) await useBackend();
}

/**
 * Holds a first tensor: tfjs' cpu backend greets users of Node at that, and advises them to install tfjs-node, which
 * is not how Carryover's native backend is had.
 */
function withoutGreeting(): void {
  const production = env().getBool('PROD');
  env().set('PROD', true);
  try {
    scalar(0).dispose();
  } finally {
    env().set('PROD', production);
  }
}
