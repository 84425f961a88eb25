import {CarryoverError} from '../../src/errors';

/** What the text file `checkpoint` says (python/training/checkpoint_state.proto). */
export interface CheckpointState {
  /** The latest. */
  readonly latest: string;
  /** All that are kept, oldest first. */
  readonly all: readonly string[];
}

/** Whether a text file begins as a state file does. */
export function isCheckpointState(text: string): boolean {
  return /^\s*(#[^\n]*\n\s*)*(all_)?model_checkpoint_paths?\s*:/.test(text);
}

/**
 * Reads a state file. Paths are as written there: relative ones are meant from its folder.
 * @throws CarryoverError E_FORMAT when it is no such file or names no checkpoint
 */
export function readCheckpointState(text: string, where: string): CheckpointState {
  let latest: string | undefined;
  const all: string[] = [];
  for (const [, field, ...quoted] of text.matchAll(
    /^\s*(\w+)\s*:\s*(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)')/gm,
  )) {
    const path = unescapeText(quoted[0] ?? quoted[1]!);
    if (field === 'model_checkpoint_path') latest = path;
    if (field === 'all_model_checkpoint_paths') all.push(path);
  }
  const last = latest ?? all.at(-1);
  if (!last) {
    throw new CarryoverError(
      'E_FORMAT',
      `${where}: names no checkpoint; expected a line model_checkpoint_path: "PREFIX"`,
    );
  }
  return {latest: last, all: all.length > 0 ? all : [last]};
}

/** A state file as TensorFlow writes it. */
export function writeCheckpointState({latest, all}: CheckpointState): string {
  const line = (field: string, path: string) => `${field}: "${escapeText(path)}"\n`;
  return (
    line('model_checkpoint_path', latest) + all.map(path => line('all_model_checkpoint_paths', path)).join('')
  );
}

const NAMED: Readonly<Record<string, number>> = {n: 10, r: 13, t: 9, a: 7, b: 8, f: 12, v: 11};

/** Protobuf's text format escapes every byte that is not printable ASCII, in octal. */
function unescapeText(text: string): string {
  const out: number[] = [];
  const utf8 = new TextEncoder();
  for (const [part, octal, hex, other] of text.matchAll(
    /\\([0-7]{1,3})|\\x([0-9a-fA-F]{1,2})|\\(.)|[^\\]+/gs,
  )) {
    if (octal !== undefined) out.push(Number.parseInt(octal, 8) & 0xff);
    else if (hex !== undefined) out.push(Number.parseInt(hex, 16));
    else if (other !== undefined)
      out.push(...(NAMED[other] === undefined ? utf8.encode(other) : [NAMED[other]]));
    else out.push(...utf8.encode(part));
  }
  return new TextDecoder().decode(Uint8Array.from(out));
}

function escapeText(text: string): string {
  let out = '';
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    if (byte < 0x20 || byte > 0x7e) out += `\\${byte.toString(8).padStart(3, '0')}`;
    else out += character === '"' || character === '\\' ? `\\${character}` : character;
  }
  return out;
}
