import {readFileSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import {gunzipSync} from 'node:zlib';
import test from 'ava';
import {readGraphDef, readMetaGraph} from '../converters/graph-def';
import type {GraphDef} from '../converters/graph-def/graph';
import {writeGraphDef} from '../converters/graph-def/write';
import {readSavedModel} from '../converters/saved-model/read';

/** Every graph among the fixtures, by its file. */
async function graphs(): Promise<Map<string, GraphDef>> {
  const found = new Map<string, GraphDef>();
  for (const name of await readdir('fixtures', {recursive: true})) {
    const path = join('fixtures', name);
    // Plain arrays of bytes, so that what is compared is of one class.
    const bytes = (): Uint8Array => new Uint8Array(readFileSync(path));
    if (name.endsWith('saved_model.pb')) found.set(path, readSavedModel(bytes(), '')[0]!.graph);
    else if (name.endsWith('frozen.pb')) found.set(path, readGraphDef(bytes(), ''));
    else if (/\.meta(\.gz)?$/.test(name)) {
      const file = name.endsWith('.gz') ? new Uint8Array(gunzipSync(bytes())) : bytes();
      found.set(path, readMetaGraph(file, '').graph);
    }
  }
  return found;
}

/** A graph without what tells where in its file each node was. */
function withoutPlaces({nodes, functions, versions}: GraphDef): object {
  const bare = (list: GraphDef['nodes']): object[] => list.map(({where: _, ...node}) => node);
  return {nodes: bare(nodes), functions: functions.map(one => ({...one, nodes: bare(one.nodes)})), versions};
}

test('every graph that is read and written again is the same graph, functions included', async t => {
  const all = await graphs();
  let functions = 0;
  for (const [path, graph] of all) {
    const again = readGraphDef(writeGraphDef(graph), '');
    t.true(isDeepStrictEqual(withoutPlaces(again), withoutPlaces(graph)), path);
    functions += graph.functions.length;
  }
  t.true(all.size > 100 && functions > 100, `${all.size} graphs, ${functions} functions`);
});
