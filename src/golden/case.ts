import type {FileSet} from '../../converters/files';
import {parsePythonJson} from '../../converters/json/python';
import {readFile} from '../../converters/open';
import {CarryoverError} from '../errors';
import {type Json, list, object, text} from '../model/json';
import type {Tolerance} from '../verify/compare';

/** Names of inputs or outputs, and the `.npy` files that hold them. */
export type Files = Readonly<Record<string, string>>;

export interface GoldenSource {
  readonly format: string;
  readonly path: string;
  readonly architecture?: string;
  /** How it is loaded: `load_weights(path, by_name=True, skip_mismatch=True)`. */
  readonly byName?: boolean;
  readonly skipMismatch?: boolean;
  /** Its TensorFlow graph is run as it is, though its layers are told as well. */
  readonly graph?: boolean;
  /** The layers whose outputs are compared, where the file has others behind them that nobody can run. */
  readonly outputs?: readonly string[];
}

export interface GoldenCall {
  /** The states are reset before this call. */
  readonly reset: boolean;
  readonly inputs: Files;
  readonly outputs: Files;
}

export interface GoldenGradients {
  /** The `.npz` with everything below. */
  readonly file: string;
  /** Output → its R in the file; the loss is the sum of output·R. */
  readonly loss: Files;
  readonly inputs: Files;
  /** In the order of the library's trainable arrays: array → its gradient in the file. */
  readonly weights: readonly (readonly [string, string])[];
}

/** A folder with what the original library put out (RECIPE: "Golden case"). */
export interface GoldenCase {
  readonly folder: string;
  readonly name: string;
  readonly family: string;
  /** The library that made it, by its own name; empty where the case does not say it. */
  readonly library: string;
  /** The release that made it. */
  readonly version: string;
  readonly sources: readonly GoldenSource[];
  /** The first call, and those that follow it with the state carried on. */
  readonly calls: readonly GoldenCall[];
  readonly gradients?: GoldenGradients;
  /** Why its files must be refused; there is nothing to compare then. */
  readonly refused?: string;
  /** Of a model in half precision: what its first call puts out where all is float32. */
  readonly float32Outputs?: Files;
  readonly tolerance: Tolerance;
}

/**
 * Reads a folder's golden.json.
 * @throws CarryoverError `E_FORMAT` where it is not one
 */
export async function readGolden(files: FileSet, folder: string): Promise<GoldenCase> {
  const where = `${folder}/golden.json`;
  const json = object(parsePythonJson(new TextDecoder().decode(await readFile(files, where)), where), where);
  if (json.golden !== 1) {
    throw new CarryoverError(
      'E_FORMAT',
      `${where}: "golden" is ${JSON.stringify(json.golden)}; this version reads golden cases of kind 1`,
    );
  }
  const [name = '', family = ''] = folder.split(/[\\/]+/).reverse();
  const madeBy = object(json.made_by, `${where}: made_by`);
  const tolerance = object(json.tolerance, `${where}: tolerance`) as unknown as Tolerance;
  const first = parseCall(json, where);
  const then =
    json.then === undefined
      ? []
      : list(json.then, `${where}: then`).map(call => parseCall(object(call, where), where));
  return {
    folder,
    name: typeof json.name === 'string' ? json.name : name,
    family,
    library: String(madeBy.library ?? ''),
    version: String(madeBy.version ?? ''),
    sources: list(json.sources, `${where}: sources`).map(source => parseSource(object(source, where), where)),
    calls: [first, ...then],
    gradients:
      json.gradients === undefined ? undefined : parseGradients(object(json.gradients, where), where),
    refused: json.refused === undefined ? undefined : text(json.refused, `${where}: refused`),
    float32Outputs: float32Outputs(json, where),
    tolerance,
  };
}

function float32Outputs(json: Json, where: string): Files | undefined {
  if (json.extra === undefined) return undefined;
  const {float32_outputs: outputs} = object(json.extra, `${where}: extra`);
  return outputs === undefined ? undefined : filesOf(outputs, `${where}: extra: float32_outputs`);
}

function parseSource(json: Json, where: string): GoldenSource {
  return {
    format: text(json.format, `${where}: sources: format`),
    path: text(json.path, `${where}: sources: path`),
    architecture:
      json.architecture === undefined
        ? undefined
        : text(json.architecture, `${where}: sources: architecture`),
    byName: json.by_name === true,
    skipMismatch: json.skip_mismatch === true,
    graph: json.graph === true,
    outputs:
      json.outputs === undefined
        ? undefined
        : list(json.outputs, `${where}: sources: outputs`).map(name =>
            text(name, `${where}: sources: outputs`),
          ),
  };
}

function parseCall(json: Json, where: string): GoldenCall {
  return {
    reset: json.reset === true,
    inputs: filesOf(json.inputs, where),
    outputs: filesOf(json.outputs, where),
  };
}

function parseGradients(json: Json, where: string): GoldenGradients {
  return {
    file: text(json.file, `${where}: gradients: file`),
    loss: filesOf(json.loss, where),
    inputs: filesOf(json.inputs ?? {}, where),
    weights: Object.entries(filesOf(json.weights ?? {}, where)),
  };
}

function filesOf(value: unknown, where: string): Files {
  const json = object(value, where);
  return Object.fromEntries(
    Object.entries(json).map(([name, file]) => [name, text(file, `${where}: ${name}`)]),
  );
}
