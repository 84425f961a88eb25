import {isCheckpoint} from '../checkpoint/find';
import {checkpointOf} from '../checkpoint/format';
import {type Format, Source} from '../format';

const GRAPH = 'saved_model.pb';
const KERAS = 'keras_metadata.pb';

export const savedModelFormat: Format = {
  name: 'saved-model',
  title: 'a TensorFlow SavedModel',
  holds: ['architecture', 'weights', 'graph'],
  recognises: ({entries}) => entries.includes(GRAPH),
  async open(source) {
    const {openSavedModel} = await import('./open');
    const beside = async (entry: string) => {
      const name = source.name === '' ? entry : `${source.name}/${entry}`;
      const file = await Source.look(source.files, name, source.limits);
      source.onClose(() => file.close());
      return {name, bytes: file.bytes()};
    };
    const {name, bytes} = await beside(GRAPH);
    const keras = source.entries.includes(KERAS) ? await beside(KERAS) : undefined;
    // One without variables has all its weights in the graph.
    const variables = (await isCheckpoint(source)) ? await source.share(checkpointOf) : undefined;
    const file = openSavedModel(bytes, variables, name, keras);
    const {metaGraph: meta} = file;
    return {...file, findGraph: async () => ({graph: meta.graph, name: source.name || GRAPH, meta})};
  },
};
