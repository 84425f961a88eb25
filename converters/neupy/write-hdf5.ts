import type {File} from 'h5wasm';
import {CarryoverError} from '../../src/errors';
import type {NdArray} from '../arrays';
import {pythonJson} from '../json/write';
import type {NeupyNetwork} from './network';
import {numbers} from './write';

let written = 0;

/**
 * Writes what neupy's `load_hdf5` reads: a group per layer, a dataset per parameter, the rest as attributes of JSON.
 * `trainable` is an integer, which Python takes for the bool that h5py would write.
 *
 * @throws CarryoverError E_USAGE for names that HDF5 cannot hold and parameters that are no numbers
 */
export async function writeNeupyHdf5(network: NeupyNetwork): Promise<Uint8Array> {
  const {metadata, graph, layers} = network;
  checkNames(network);
  const h5wasm = await import('h5wasm');
  const {FS} = await h5wasm.ready;
  const path = `/carryover-neupy-${written++}.h5`;
  const file = new h5wasm.File(path, 'w');
  try {
    for (const {class_name, name, configs, parameters} of layers) {
      const group = file.create_group(name);
      for (const [key, value] of Object.entries({class_name, name, configs})) {
        group.create_attribute(key, pythonJson(value));
      }
      for (const [key, {value, trainable}] of parameters) {
        const array = numbers(value.read(), `${name}/${key}`);
        const dataset = group.create_dataset({name: key, data: dataOf(array), shape: [...array.shape]});
        dataset.create_attribute('trainable', trainable ? 1 : 0, [], '<B');
      }
    }
    text(file, 'metadata', metadata);
    text(file, 'graph', graph);
    text(
      file,
      'layer_names',
      layers.map(({name}) => name),
    );
    file.flush();
  } finally {
    file.close();
  }
  const bytes = FS.readFile(path);
  FS.unlink(path);
  return bytes;
}

function text(file: File, name: string, value: unknown): void {
  file.create_attribute(name, pythonJson(value));
}

function dataOf({values}: NdArray) {
  return values as Exclude<NdArray['values'], string[]>;
}

function checkNames({layers}: NeupyNetwork): void {
  const names = layers.flatMap(({name, parameters}) => [name, ...parameters.keys()]);
  // A slash makes a path of a name, and a zero ends it.
  const wrong = names.find(name => name === '' || name === '.' || /[/\0]/.test(name));
  if (wrong !== undefined) {
    throw new CarryoverError(
      'E_USAGE',
      `neupy: '${wrong}' is no name of an HDF5 group or dataset; rename it`,
    );
  }
}
