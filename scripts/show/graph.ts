import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import type {GraphDef} from '../../converters/graph-def/graph';
import type {GraphNode} from '../../converters/graph-def/node';
import {readGraphDef, readMetaGraph, readSavedModel} from '../../converters/index';

/** Nodes and functions of a GraphDef (`.pb`), a MetaGraphDef (`.meta`) or a `saved_model.pb`. */
export function graphFileText(path: string): string {
  const bytes = readFileSync(path);
  if (path.endsWith('.meta')) return graphText(readMetaGraph(bytes, path).graph);
  if (basename(path) === 'saved_model.pb') return graphText(readSavedModel(bytes, path)[0]!.graph);
  return graphText(readGraphDef(bytes, path));
}

/** A line for each node: its name, its operation, its inputs. */
export function graphText({nodes, functions}: GraphDef): string {
  const line = ({name, op, inputs}: GraphNode): string => `${name} = ${op}(${inputs.join(', ')})`;
  const bodies = functions.map(({name, inputs, nodes: body}) =>
    [`function ${name}(${inputs.join(', ')})`, ...body.map(node => `  ${line(node)}`)].join('\n'),
  );
  return [...nodes.map(line), ...bodies].join('\n');
}
