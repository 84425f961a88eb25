import {isCheckpoint} from '../checkpoint/find';
import {checkpointOf} from '../checkpoint/format';
import {type Format, Source} from '../format';

const GRAPH = 'saved_model.pb';

export const savedModelFormat: Format = {
  name: 'saved-model',
  title: 'a TensorFlow SavedModel',
  holds: ['weights', 'graph'],
  recognises: ({entries}) => entries.includes(GRAPH),
  async open(source) {
    const {openSavedModel} = await import('./open');
    const name = source.name === '' ? GRAPH : `${source.name}/${GRAPH}`;
    const graph = await Source.look(source.files, name, source.limits);
    source.onClose(() => graph.close());
    // One without variables has all its weights in the graph.
    const variables = (await isCheckpoint(source)) ? await source.share(checkpointOf) : undefined;
    const file = openSavedModel(graph.bytes(), variables, name);
    return {...file, findGraph: async () => ({graph: file.metaGraph.graph, name: source.name || GRAPH})};
  },
};
