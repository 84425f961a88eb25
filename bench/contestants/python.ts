import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {NdArray} from '../../converters/arrays';
import {readNpy} from '../../converters/npy/read';
import {writeNpz} from '../../converters/npz/write';
import type {PythonPeer} from '../peers/python';
import {LEARNING_RATE} from '../problem';
import type {Entry} from './contestant';

/** A Python library as a contestant; numbers go there and back in NumPy's files. */
export function pythonEntry(name: string, peer: PythonPeer): Entry {
  return async (p, data) => {
    const folder = mkdtempSync(join(tmpdir(), 'carryover-bench-'));
    try {
      const files = {data: join(folder, 'data.npz'), result: join(folder, 'result.npy')};
      const arrays: [string, NdArray][] = [
        ['x', data.x],
        ...(data.mask ? [['mask', data.mask] as [string, NdArray]] : []),
        ...data.weights.map((array, k): [string, NdArray] => [`weight${k}`, array]),
      ];
      writeFileSync(files.data, writeNpz(arrays));
      const problem = {...p, learningRate: LEARNING_RATE};
      const {refused} = await peer.ask({do: 'prepare', problem, ...files});
      if (refused !== undefined) return refused;
      const result = readNpy(readFileSync(files.result)).values as Float32Array;
      return {
        name,
        block: async calls => (await peer.ask({do: 'run', calls})).ms!,
        compute: async () => result,
        dispose: () => {},
      };
    } finally {
      rmSync(folder, {recursive: true, force: true});
    }
  };
}
