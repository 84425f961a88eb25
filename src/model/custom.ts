import type {layers} from '@tensorflow/tfjs-layers';

/** A user's own layer: a class whose constructor takes the config in camelCase, or a function of it. */
export type CustomLayer =
  | (new (
      config: Record<string, unknown>,
    ) => layers.Layer)
  | ((config: Record<string, unknown>) => layers.Layer);
/**
 * Your own layers, by class name in the file (`Scale`, or `Custom>Scale` as Keras registers it); or the name of the library's
 * class that such a class merely renames, whose arguments it has: `{ReversedLSTM: 'LSTM'}`.
 */
export type CustomObjects = Readonly<Record<string, CustomLayer | string>>;

/** What the user says of a class of the file. Keras writes a registered class with its package: `Custom>MyLSTM`. */
export function customOf(objects: CustomObjects, className: string): CustomObjects[string] | undefined {
  const bare = className.slice(className.lastIndexOf('>') + 1);
  const name = [className, bare].find(known => Object.hasOwn(objects, known));
  return name === undefined ? undefined : objects[name];
}
