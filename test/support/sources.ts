import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join, normalize, sep} from 'node:path';

/** The sources as tests of their structure see them. Paths have `/` between their parts. */

const slashes = (path: string): string => path.split(sep).join('/');

/** Every TypeScript file of the package. */
export const sources: readonly string[] = ['src', 'converters'].flatMap(folder =>
  readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter(name => /\.ts$/.test(name))
    .map(name => slashes(join(folder, name))),
);

/** What a file imports or re-exports, types included: project files as paths, packages as they are named. */
export function importsOf(file: string): string[] {
  const statements = readFileSync(file, 'utf8').matchAll(/(?:(?<!')\bfrom|^import|\bimport\()\s*'([^']+)'/gm);
  return [...statements].map(([, name = '']) => (name.startsWith('.') ? find(file, name) : name));
}

function find(from: string, name: string): string {
  const path = slashes(normalize(join(dirname(from), name)));
  return [`${path}.ts`, `${path}/index.ts`, path].find(candidate => existsSync(candidate)) ?? path;
}

export type Graph = ReadonlyMap<string, readonly string[]>;

/** The groups of nodes that reach each other (Tarjan's strongly connected components), those of one node left out. */
export function cycles(graph: Graph): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    lowest.set(node, order.get(node)!);
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (path.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const group = path.splice(path.indexOf(node));
    if (group.length > 1) found.push(group.sort());
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found;
}
