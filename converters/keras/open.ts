import type {WeightFile} from '../arrays';
import {memorySource, type RandomAccess, readExactly} from '../files';
import type {OpenedContents, Source} from '../format';
import {badFormat, listFew, unsupported} from '../format-error';
import {readKeras} from '../hdf5/keras';
import {openHdf5} from '../hdf5/open';
import {parsePythonJson} from '../json/python';
import {beyond} from '../limits';
import {openZip, type ZipMember} from '../zip/read';
import {factsOf, trainingFacts} from './facts';
import {ARCHITECTURE, METADATA, WEIGHTS} from './members';

/** The parts of a model by their names in a `.keras`. */
interface Parts {
  readonly format: string;
  readonly names: readonly string[];
  /** Undefined where there is no such part. */
  open(name: string): Promise<RandomAccess | undefined>;
}

/**
 * Opens a `.keras` (Keras since 2.12): a zip of `metadata.json`, `config.json` and `model.weights.h5`, stored or deflated;
 * what else is in it (assets) is not looked at. The `architecture` is the config; `facts` has `keras_version` and
 * `date_saved` of the metadata, and `optimizer` and `loss` where the model was compiled.
 *
 * @throws CarryoverError `E_FORMAT` where a part is missing or damaged, `E_LIMIT` where one unpacks to more than is allowed,
 *   `E_UNSUPPORTED` for weights that are no HDF5
 */
export async function openKerasZip(source: Source): Promise<OpenedContents> {
  const members = new Map(openZip(source.bytes(), source.name).map(member => [member.name, member]));
  const open = async (name: string): Promise<RandomAccess | undefined> => {
    const member = members.get(name);
    return member && memorySource(unpacked(member, source), `${source.name}: ${name}`);
  };
  return openModel({format: 'keras-zip', names: [...members.keys()], open}, source);
}

/**
 * Opens a `.keras` that is a folder (`model.save(..., zipped=False)` of Keras 3.7 and later); as `openKerasZip`.
 * @throws CarryoverError as `openKerasZip`
 */
export async function openKerasFolder(source: Source): Promise<OpenedContents> {
  const {name, entries, files} = source;
  const open = async (part: string): Promise<RandomAccess | undefined> => {
    const file = await files.open(name === '' ? part : `${name}/${part}`);
    if (file) source.onClose(() => file.close?.());
    return file;
  };
  return openModel({format: 'keras-dir', names: entries, open}, source);
}

function unpacked(member: ZipMember, {name, limits, file}: Source): Uint8Array {
  if (member.size > limits.kerasUnpackedBytes + 10 * file!.size) {
    const what = `${member.size} bytes once unpacked, in a file of ${file!.size}`;
    throw beyond(`${name}: ${member.name}`, 'kerasUnpackedBytes', what, limits);
  }
  return member.read();
}

async function openModel(parts: Parts, source: Source): Promise<OpenedContents> {
  const where = source.name;
  const architecture = await json(ARCHITECTURE, parts, where);
  if (architecture === undefined) throw missing(ARCHITECTURE, 'the architecture', parts, where);
  const {compile_config: training} = Object(architecture) as {compile_config?: unknown};
  const weights = await weightsOf(parts, source);
  const {keras_version: version, date_saved: saved} = Object(await json(METADATA, parts, where)) as Metadata;
  const library = typeof version === 'string' ? `keras${Number.parseInt(version, 10)}` : undefined;
  return {
    ...weights,
    format: parts.format,
    architecture,
    facts: {
      ...weights.facts,
      ...factsOf({
        library,
        keras_version: version,
        date_saved: saved,
        ...trainingFacts(training, 'optimizer'),
      }),
    },
  };
}

interface Metadata {
  readonly keras_version?: unknown;
  readonly date_saved?: unknown;
}

async function json(name: string, parts: Parts, where: string): Promise<unknown> {
  const file = await parts.open(name);
  if (!file) return undefined;
  const place = `${where}: ${name}`;
  return parsePythonJson(new TextDecoder().decode(readExactly(file, 0, file.size, place)), place);
}

async function weightsOf(parts: Parts, source: Source): Promise<WeightFile> {
  const file = await parts.open(WEIGHTS);
  if (!file) throw missing(WEIGHTS, 'the weights', parts, source.name);
  const hdf5 = await openHdf5(file, `${source.name}: ${WEIGHTS}`, source.limits);
  source.onClose(() => hdf5.close());
  return readKeras(hdf5, source.limits);
}

function missing(name: string, what: string, {names}: Parts, where: string): Error {
  const other = names.find(found => found.startsWith('model.weights.') && found !== name);
  if (name === WEIGHTS && other)
    return unsupported(
      where,
      `${what} are in '${other}', which is not read; save the model again, with '${WEIGHTS}'`,
    );
  return badFormat(where, `no '${name}', which has ${what}; found ${listFew(names)}`);
}
