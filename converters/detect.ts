import {findSuperblock} from './hdf5/superblock';
import {isNpy} from './npy/header';

/** What `detectFormat` can tell apart. */
export type FileFormat = 'hdf5' | 'npz' | 'keras-zip' | 'zip' | 'npy' | 'json' | 'pickle';

/** `PK\3\4`, or `PK\5\6` where a zip is empty. */
function isZip(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x50 &&
    bytes[1] === 0x4b &&
    ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6))
  );
}

/** The name of a zip's first member, from its local header. */
function firstMember(bytes: Uint8Array): string {
  if (bytes.length < 30) return '';
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint16(26, true);
  return new TextDecoder().decode(bytes.subarray(30, 30 + length));
}

/** Keras 3, `saving_lib.py`: these members, in this order. */
const KERAS_MEMBERS = ['metadata.json', 'config.json', 'model.weights.h5'];

function zipKind(bytes: Uint8Array, name: string): FileFormat {
  const member = firstMember(bytes);
  if (member.endsWith('.npy') || (member === '' && /\.npz$/i.test(name))) return 'npz';
  return KERAS_MEMBERS.includes(member) ? 'keras-zip' : 'zip';
}

/** Protocol 2 and later begin with PROTO and the number; 0 and 1 have no mark of their own, so their names decide. */
function isPickle(bytes: Uint8Array, name: string): boolean {
  if (bytes[0] === 0x80 && bytes[1] !== undefined && bytes[1] >= 2 && bytes[1] <= 5) return true;
  return /\.(pkl|pickle)$/i.test(name) && bytes.length > 0;
}

function isJson(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes.subarray(0, 256)).trimStart();
  return /^\ufeff?[{[]/.test(text);
}

/**
 * Tells a file's format by its first bytes, and by its name only where those leave it open.
 *
 * @param bytes the first 4 KiB or more
 * @param name the file's name or path
 * @returns undefined where nothing is recognised
 */
export function detectFormat(bytes: Uint8Array, name: string): FileFormat | undefined {
  if (findSuperblock(bytes) !== undefined) return 'hdf5';
  if (isNpy(bytes)) return 'npy';
  if (isZip(bytes)) return zipKind(bytes, name);
  if (isPickle(bytes, name)) return 'pickle';
  // A TensorFlow checkpoint is told by the last 8 bytes of its table, not the first: it belongs here, given a tail.
  if (isJson(bytes)) return 'json';
  return undefined;
}
