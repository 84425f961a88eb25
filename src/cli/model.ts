import {resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {CarryoverError} from '../errors';
import type {CustomLayer, CustomObjects} from '../model/custom';
import type {LoadOptions} from '../node/load';
import {usage} from './args';

/** The model options as the command line gives them. */
export interface ModelValues {
  readonly architecture?: string;
  readonly weights?: string;
  readonly 'by-name'?: boolean;
  readonly 'skip-mismatch'?: boolean;
  readonly until?: string[];
  readonly custom?: string[];
  readonly 'library-version'?: string;
  readonly graph?: boolean;
  readonly signature?: string;
}

/** What is fed and asked for by name, which of a graph may be any of its tensors. */
export interface NamedTensors {
  readonly inputs?: readonly string[];
  readonly inside?: readonly string[];
}

/** What `openModel` takes. */
export interface ModelSource {
  readonly source: string;
  readonly options: LoadOptions;
  /** For people: the file or files. */
  readonly label: string;
}

/**
 * The files of a model: SOURCE alone, SOURCE with one of the two options, or both options.
 * @throws CarryoverError `E_USAGE` where that is too little or too much
 */
export async function modelSource(
  verb: string,
  source: string | undefined,
  values: ModelValues,
  tensors: NamedTensors = {},
): Promise<ModelSource> {
  const {architecture, weights} = values;
  if (source !== undefined && architecture !== undefined && weights !== undefined) {
    throw usage(verb, `SOURCE '${source}', --architecture and --weights are one too many`);
  }
  const main = source ?? weights;
  if (main === undefined) throw usage(verb, 'no SOURCE given');
  if (source === undefined && architecture === undefined) {
    throw usage(verb, '--weights without SOURCE needs --architecture');
  }
  const options: LoadOptions = {
    architecture,
    weights: source === undefined ? undefined : weights,
    outputs: values.until,
    byName: values['by-name'],
    skipMismatch: values['skip-mismatch'],
    version: values['library-version'],
    customObjects: await customObjects(verb, values.custom ?? []),
    graph: values.graph,
    signature: values.signature,
    ...tensors,
  };
  return {source: main, options, label: [source, weights, architecture].filter(Boolean).join(' with ')};
}

/** A class of the library, and no path of a module. */
const CLASS = /^[A-Za-z_]\w*$/;

/** `Name=module.mjs#Export`: classes or functions of the user's own modules; `Name=LSTM`: a class that `Name` renames. */
export async function customObjects(verb: string, specs: readonly string[]): Promise<CustomObjects> {
  const result = new Map<string, CustomObjects[string]>();
  for (const spec of specs) {
    const [, name, path, given] = /^([^=]+)=([^#]+)(?:#(.+))?$/.exec(spec) ?? [];
    if (!name || !path)
      throw usage(verb, `--custom '${spec}' is not Name=CLASS, Name=MODULE or Name=MODULE#EXPORT`);
    if (given === undefined && CLASS.test(path)) {
      result.set(name, path);
      continue;
    }
    const module = await importModule(path);
    const found = given === undefined ? (module[name] ?? module.default) : module[given];
    if (typeof found !== 'function') {
      throw new CarryoverError(
        'E_USAGE',
        `${path}: exports no class or function '${given ?? name}'; it exports ${Object.keys(module).join(', ') || 'nothing'}`,
      );
    }
    result.set(name, found as CustomLayer);
  }
  return Object.fromEntries(result);
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new CarryoverError('E_FILE', `${path}: cannot be loaded as a module: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
