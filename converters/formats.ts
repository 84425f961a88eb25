import {checkpointFormats} from './checkpoint/format';
import type {Format} from './format';
import {frozenGraphFormat, metaGraphFormat} from './graph-def/format';
import {kerasModelFormat, kerasWeightsFormat} from './hdf5/format';
import {kerasJsonFormat, recipeFormat} from './json/format';
import {kerasFolderFormat, kerasZipFormat} from './keras/format';
import {manifestFormat} from './manifest/format';
import {neupyHdf5Format, neupyJsonFormat, neupyPickleFormat} from './neupy/format';
import {npyFormat} from './npy/format';
import {npzFormat} from './npz/format';
import {pickleFormat} from './pickle/format';
import {savedModelFormat} from './saved-model/format';
import {tfjsFormat} from './tfjs/format';
import {kerasYamlFormat} from './yaml/format';
import {zipFormat} from './zip/format';

/**
 * Every file format that Carryover knows. A source is asked in this order, so that what a file is comes before what it is
 * packed in: neupy's networks before other HDF5 files, pickles and JSON.
 */
export const FORMATS: readonly Format[] = [
  savedModelFormat,
  kerasFolderFormat,
  ...checkpointFormats,
  frozenGraphFormat,
  metaGraphFormat,
  neupyHdf5Format,
  kerasModelFormat,
  kerasWeightsFormat,
  npyFormat,
  npzFormat,
  kerasZipFormat,
  zipFormat,
  neupyPickleFormat,
  pickleFormat,
  recipeFormat,
  neupyJsonFormat,
  tfjsFormat,
  manifestFormat,
  kerasJsonFormat,
  kerasYamlFormat,
];

/** The format of this name, as `WeightFile.format` and golden cases say it. */
export const formatNamed = (name: string): Format | undefined => FORMATS.find(format => format.name === name);
