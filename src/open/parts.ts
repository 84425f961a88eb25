import type {NdArray} from '../../converters/arrays';
import {baseName, folderOf} from '../../converters/files';
import type {OpenedFile} from '../../converters/format';
import {formatNamed} from '../../converters/formats';
import type {Limits} from '../../converters/limits';
import {readNpy} from '../../converters/npy/read';
import {openAny, openWeights, readFile} from '../../converters/open';
import {CarryoverError} from '../errors';
import type {Architecture} from '../model/architecture';
import type {NamedJson} from '../model/open';
import type {Place} from './source';

/** What belongs to a model, opened. */
export interface ModelParts {
  /** The source itself. */
  readonly source: OpenedFile;
  /** Its weights, or those that were given beside it; undefined where there are none. */
  readonly weights?: OpenedFile;
  /** The architecture that was given, or the source's own. */
  readonly architecture?: NamedJson;
  /** The arrays that an architecture takes from `.npy` files beside its own. */
  readBeside(architecture: Architecture): Promise<(name: string) => NdArray>;
  close(): void;
}

export interface PartPlaces {
  /** Where the architecture is, or the parsed JSON itself. */
  readonly architecture?: Place | {readonly json: object};
  readonly weights?: Place;
  readonly limits?: Partial<Limits>;
}

/**
 * Opens what a model is made of: a source with weights, with an architecture, or with both, and what is given beside it.
 * @throws CarryoverError `E_FILE`, `E_FORMAT`, `E_UNSUPPORTED`; `E_WEIGHTS` for `weights` without any;
 *   `E_ARCHITECTURE` where one is wanted of a file that has none
 */
export async function openParts(place: Place, given: PartPlaces = {}): Promise<ModelParts> {
  const opened: OpenedFile[] = [];
  const close = (): void => {
    for (const file of opened) file.close();
  };
  const keep = async (file: Promise<OpenedFile>): Promise<OpenedFile> => {
    opened.push(await file);
    return file;
  };
  try {
    const source = await keep(openAny(place.files, place.name, given));
    const weights = given.weights
      ? await keep(openWeights(given.weights.files, given.weights.name, given))
      : holdsWeights(source)
        ? source
        : undefined;
    const beside = given.architecture && 'files' in given.architecture ? given.architecture : place;
    const architecture = await architectureOf(source, given, keep);
    return {
      source,
      weights,
      architecture,
      readBeside: async model => readArrays(beside, filesOf(model)),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** How to get at a model that TensorFlow.js saved, where no other architecture was given for its weights. */
export function ownLayersModel(
  {architecture}: Pick<ModelParts, 'architecture'>,
  weights: OpenedFile,
): OpenedFile['layersModel'] {
  return architecture?.json === weights.architecture ? weights.layersModel : undefined;
}

const holdsWeights = ({format}: OpenedFile): boolean => formatNamed(format)!.holds.includes('weights');

async function architectureOf(
  source: OpenedFile,
  {architecture: given, weights, limits}: PartPlaces,
  keep: (file: Promise<OpenedFile>) => Promise<OpenedFile>,
): Promise<NamedJson | undefined> {
  if (given === undefined) return weights ? named(source) : ownOf(source);
  return 'json' in given
    ? {json: given.json, name: 'architecture'}
    : named(await keep(openAny(given.files, given.name, {limits})));
}

const ownOf = ({architecture, architectureName, name}: OpenedFile): NamedJson | undefined =>
  architecture === undefined ? undefined : {json: architecture, name: baseName(architectureName ?? name)};

function named(file: OpenedFile): NamedJson {
  const own = ownOf(file);
  if (own) return own;
  const {title} = formatNamed(file.format)!;
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${file.name}: is ${title}, and holds no architecture; expected Keras JSON, a recipe, or a whole model`,
  );
}

/** The files that a recipe's roles name: `{"file": "w.npy"}`, alone or in lists. */
function filesOf({layers}: Architecture): Set<string> {
  const found = new Set<string>();
  const visit = (source: unknown): void => {
    if (Array.isArray(source)) source.forEach(visit);
    else if (typeof source === 'object' && source !== null && 'file' in source)
      found.add(String(source.file));
  };
  for (const {variables = {}} of layers) Object.values(variables).forEach(visit);
  return found;
}

async function readArrays(
  {files, name}: Place,
  names: ReadonlySet<string>,
): Promise<(name: string) => NdArray> {
  const arrays = new Map<string, NdArray>();
  for (const file of names) {
    const path = folderOf(name) + file;
    arrays.set(file, readNpy(await readFile(files, path), path));
  }
  return file => arrays.get(file)!;
}
