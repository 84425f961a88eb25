import {parsePythonJson} from '../json/python';
import {readMessage} from '../protobuf/read';
import {SavedMetadata} from '../protobuf/tensorflow/saved-object';

/** What a SavedModel's root is called where it is a model of Keras. */
const KERAS_MODELS = new Set(['_tf_keras_sequential', '_tf_keras_network', '_tf_keras_model']);

/** What Keras says of a model that it saved. */
export interface KerasMetadata {
  /** As the JSON of a model: `class_name`, `config`. Absent of a model of a class of its own, which has no config. */
  readonly architecture?: Json;
  /** `keras_version` and `backend`, where the file names them. */
  readonly facts: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * What Keras says of the model in a SavedModel: in `keras_metadata.pb` (2.5 to 2.15), else at the root of the objects in
 * `saved_model.pb` (tf.keras 1.15 to 2.4). Source: keras/saving/saved_model/{json_utils,layer_serialization,load}.py.
 *
 * @param own the root object of `saved_model.pb`
 * @param file the bytes of `keras_metadata.pb`
 * @returns undefined where the model is none of Keras'
 * @throws CarryoverError `E_FORMAT` where it is malformed
 */
export function kerasMetadata(
  own: {readonly identifier: string; readonly metadata: string} | undefined,
  file: {readonly bytes: Uint8Array; readonly name: string} | undefined,
  where: string,
): KerasMetadata | undefined {
  const listed =
    file && readMessage(SavedMetadata, file.bytes, file.name).nodes.find(({nodeId}) => nodeId === 0);
  const root = listed ?? own;
  if (root === undefined || !KERAS_MODELS.has(root.identifier) || root.metadata === '') return undefined;
  const place = `${listed ? file.name : where}: root`;
  const json = decoded(parsePythonJson(root.metadata, place));
  if (!isObject(json)) return {facts: {}};
  const {keras_version: version, backend, model_config: whole} = json;
  const {class_name: className, config} = isObject(whole) ? whole : json;
  const facts = Object.fromEntries(
    Object.entries({keras_version: version, backend}).filter(
      (fact): fact is [string, string] => typeof fact[1] === 'string',
    ),
  );
  return {facts, ...(isObject(config) && {architecture: {class_name: className, config, ...facts}})};
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Kinds of lists that JSON has no words for (`json_utils.Encoder`). */
const LISTS = new Set<unknown>(['__tuple__', 'TensorShape']);

function decoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decoded);
  if (!isObject(value)) return value;
  if (LISTS.has(value.class_name) && Array.isArray(value.items)) return value.items.map(decoded);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decoded(item)]));
}
