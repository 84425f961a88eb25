import type {SCALARS} from './scalars';

/*
 * How messages are declared: data, from which both the reader and the writer work.
 *
 *   export const NodeDef = {
 *     message: 'NodeDef',
 *     fields: {name: [1, 'string'], input: [3, 'string', 'repeated'], attr: [5, () => AttrValue, 'map']},
 *   } as const satisfies Declaration;
 *   export type NodeDef = MessageOf<typeof NodeDef>;
 *
 * A field's name is the one of the .proto file in camel case.
 */

export type Scalar = keyof typeof SCALARS;

/** An enumeration: the numbers of its values by their names. Numbers that it does not name are kept. */
export type Enumeration = Readonly<Record<string, number>>;

/** What a field holds: a scalar, an enumeration, or another message. */
export type Kind = Scalar | Enumeration | (() => Declaration);

/**
 * What else is to be said of a field. Without a label it is single; a number or text that is absent has proto3's
 * default (0, '', false, no bytes), and an absent message is undefined.
 *
 * - `optional`: undefined where it is absent, written whenever it is there. Members of a oneof, fields of proto2.
 * - `repeated`: a list.
 * - `map`: from strings.
 * - `packed`: numbers, kept as the bytes they lie in: one after the other, without tags.
 */
export type Label = 'optional' | 'repeated' | 'map' | 'packed';

export type Field = readonly [number: number, kind: Kind, label?: Label];

export interface Declaration {
  /** The name of the .proto file. */
  readonly message: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** Whether what is read says where it began, for messages of those who read further. */
  readonly located?: true;
}

/** A declaration whose values' type is written out, as the types of messages that contain themselves must be. */
export type Declared<T> = Declaration & {readonly values?: T};

/** What a message that was read has beside its fields. */
export interface Origin {
  /** Fields that the declaration does not name, as they lie in the file, tags and all. They are written back. */
  readonly unknown?: readonly Uint8Array[];
  /** Of messages that are `located`: the offset in the file, in bytes. */
  readonly at?: number;
}

type ScalarValue<K extends Scalar> = (typeof SCALARS)[K]['zero'];

type Value<K> = K extends Scalar
  ? ScalarValue<K>
  : K extends () => infer D
    ? D extends Declaration
      ? MessageOf<D>
      : never
    : number;

type FieldValue<F> = F extends readonly [number, infer K, infer L]
  ? L extends 'repeated'
    ? readonly Value<K>[]
    : L extends 'map'
      ? ReadonlyMap<string, Value<K>>
      : L extends 'packed'
        ? Uint8Array
        : Value<K> | undefined
  : F extends readonly [number, infer K]
    ? K extends () => unknown
      ? Value<K> | undefined
      : Value<K>
    : never;

/** What reading a message gives. */
export type MessageOf<D extends Declaration> = D extends {readonly values?: infer T}
  ? NonNullable<T>
  : {readonly [K in keyof D['fields']]: FieldValue<D['fields'][K]>} & Origin;

/** What a message can be written from: fields that are left out are absent. */
export type Partially<T> = T extends Uint8Array | string | number | boolean | undefined
  ? T
  : T extends ReadonlyMap<string, infer V>
    ? ReadonlyMap<string, Partially<V>>
    : T extends readonly (infer V)[]
      ? readonly Partially<V>[]
      : {readonly [K in keyof T]?: Partially<T[K]> | undefined};
