import {PythonPeer, tensorflowPython} from './python';

export interface Peers {
  /** By the names that tables have for them. */
  readonly found: ReadonlyMap<string, PythonPeer>;
  /** Why others are not there. */
  readonly missing: Readonly<Record<string, string>>;
}

/**
 * Starts the Python libraries that can be had: tf.keras of the project's own Python, and PyTorch where that one or the
 * one that `CARRYOVER_BENCH_PYTHON` names has it; it is never installed.
 */
export async function startPeers(): Promise<Peers> {
  const found = new Map<string, PythonPeer>();
  const missing: Record<string, string> = {};
  const {path, reason} = tensorflowPython();
  if (path === undefined) missing['tf.keras'] = reason ?? 'no Python with TensorFlow';
  else {
    const keras = await PythonPeer.start(path, 'keras');
    if (typeof keras === 'string') missing['tf.keras'] = keras;
    else found.set('tf.keras', keras);
  }
  for (const python of [process.env.CARRYOVER_BENCH_PYTHON, path]) {
    if (python === undefined || found.has('PyTorch')) continue;
    const torch = await PythonPeer.start(python, 'torch');
    if (typeof torch === 'string') missing.PyTorch = torch;
    else found.set('PyTorch', torch);
  }
  if (found.has('PyTorch')) delete missing.PyTorch;
  else missing.PyTorch ??= 'no Python to ask';
  return {found, missing};
}
