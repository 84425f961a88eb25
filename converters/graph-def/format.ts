import type {Format} from '../format';

/** Nothing at the beginning of a GraphDef tells it from other bytes. */
export const frozenGraphFormat: Format = {
  name: 'tf-frozen-graph',
  title: 'a frozen TensorFlow graph',
  holds: ['weights', 'graph'],
  recognises: ({file, name}) => file !== undefined && name.endsWith('.pb'),
  async open(source) {
    const file = (await import('./frozen')).openFrozenGraph(source.bytes(), source.name, source.limits);
    return {...file, findGraph: async () => ({graph: file.graph, name: source.name})};
  },
};

export const metaGraphFormat: Format = {
  name: 'tf-meta-graph',
  title: 'a TensorFlow graph without its checkpoint (.meta)',
  holds: ['graph'],
  recognises: ({file, name}) => file !== undefined && name.endsWith('.meta'),
  async open(source) {
    const meta = (await import('./meta-graph')).readMetaGraph(source.bytes(), source.name);
    const {graph, tensorflow} = meta;
    return {
      format: 'tf-meta-graph',
      groups: [],
      facts: {tensorflow, nodes: String(graph.nodes.length)},
      findGraph: async () => ({graph, name: source.name, meta}),
      close() {},
    };
  },
};
