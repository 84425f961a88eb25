import {isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, Scalar} from 'yaml';
import {badFormat} from '../format-error';
import {beyond, LIMITS, type Limits, SMALL_FILE_BYTES} from '../limits';
import {checkMapTag, listOf, wordOf} from './tags';

/**
 * Parses YAML as PyYAML writes it (`model.to_yaml()`): YAML 1.1, with Python's tags as data. Nothing is made of a class, and
 * nothing is called.
 *
 * @param where the file, for messages
 * @returns null, booleans, numbers, strings, lists and objects with strings for keys
 * @throws CarryoverError `E_FORMAT` where it is no YAML, `E_UNSUPPORTED` for tags that are more than data, `E_LIMIT` for what
 *   is too deep, too long, or grows too much by its aliases
 */
export function parsePythonYaml(text: string, where: string, limits: Limits = LIMITS): unknown {
  if (text.length > limits.yamlCharacters)
    throw beyond(where, 'yamlCharacters', `YAML of ${text.length} characters`, limits);
  const node = documentOf(text, where, limits);
  const most = limits.yamlValuesPerByte * Math.max(text.length, SMALL_FILE_BYTES);
  return new Reader(where, limits, most).read(node, 0).value;
}

/** The only document; its words are left as they are written. */
function documentOf(text: string, where: string, limits: Limits): Node | null {
  const options = {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  } as const;
  const documents = parseAllDocuments(text, options);
  const [document] = documents;
  if (!Array.isArray(documents) || document === undefined || documents.length !== 1)
    throw badFormat(where, `${documents.length} YAML documents; expected one`);
  const [error] = document.errors;
  // The parser calls itself for what is inside of something.
  if (error?.code === 'RESOURCE_EXHAUSTION')
    throw beyond(where, 'yamlDepth', 'YAML that nests without end', limits);
  if (error) throw badFormat(where, `not YAML (${error.message.split('\n')[0]})`);
  return document.contents;
}

/** A value, and how many there are in it where every alias is written out. */
interface Sized {
  readonly value: unknown;
  readonly size: number;
}

class Reader {
  private readonly anchors = new Map<string, Sized | undefined>();
  private total = 0;

  constructor(
    private readonly where: string,
    private readonly limits: Limits,
    private readonly most: number,
  ) {}

  read(node: unknown, depth: number): Sized {
    const {where, limits} = this;
    if (depth > limits.yamlDepth) throw beyond(where, 'yamlDepth', `YAML that nests ${depth} deep`, limits);
    if (isAlias(node)) return this.counted(this.aliased(node.source), true);
    const anchor = anchorOf(node);
    // An alias inside of what it names finds nothing.
    if (anchor !== undefined) this.anchors.set(anchor, undefined);
    const sized = this.counted(this.plain(node, depth), false);
    if (anchor !== undefined) this.anchors.set(anchor, sized);
    return sized;
  }

  private counted(sized: Sized, isAlias: boolean): Sized {
    this.total += isAlias ? sized.size : 1;
    if (this.total <= this.most) return sized;
    throw beyond(this.where, 'yamlValuesPerByte', 'YAML whose aliases make it grow', this.limits);
  }

  private aliased(name: string): Sized {
    const found = this.anchors.get(name);
    if (found) return found;
    const what = this.anchors.has(name) ? 'stands inside of what it names' : 'names nothing before it';
    throw badFormat(this.where, `not YAML (the alias *${name} ${what})`);
  }

  private plain(node: unknown, depth: number): Sized {
    const {where} = this;
    if (node === null) return {value: null, size: 1};
    if (isScalar(node)) {
      const isQuoted = node.type !== undefined && node.type !== Scalar.PLAIN;
      return {value: wordOf(String(node.value), node.tag ?? '', isQuoted, where), size: 1};
    }
    if (isSeq(node)) {
      const items = node.items.map(item => this.read(item, depth + 1));
      const value = listOf(
        items.map(item => item.value),
        node.tag ?? '',
        where,
      );
      return {value, size: total(items)};
    }
    if (isMap(node)) return this.mapping(node, depth);
    throw badFormat(where, 'not YAML (a value of no known kind)');
  }

  private mapping(
    node: {items: readonly {key: unknown; value: unknown}[]; tag?: string},
    depth: number,
  ): Sized {
    checkMapTag(node.tag ?? '', this.where);
    const entries = new Map<string, Sized>();
    for (const {key, value} of node.items) {
      const name = this.read(key, depth + 1).value;
      if (typeof name !== 'string')
        throw badFormat(
          this.where,
          `a key that is no word (${JSON.stringify(name)}); expected names of arguments`,
        );
      if (entries.has(name)) throw badFormat(this.where, `not YAML (the key '${name}' is there twice)`);
      entries.set(name, this.read(value, depth + 1));
    }
    const value = Object.fromEntries([...entries].map(([name, sized]) => [name, sized.value]));
    return {value, size: total([...entries.values()])};
  }
}

const anchorOf = (node: unknown): string | undefined =>
  isScalar(node) || isSeq(node) || isMap(node) ? node.anchor : undefined;

const total = (items: readonly Sized[]): number => items.reduce((sum, {size}) => sum + size, 1);
