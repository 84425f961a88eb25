import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {pythonName} from '../src/dialects/arguments';
import {CarryoverError} from '../src/errors';
import {modelFrom} from '../src/model/open';
import {type ArgumentCase, casesOf} from './support/argument-cases';
import {jsonOf} from './support/argument-runs';

// Every refusal names the layer with the models around it, its argument, and what to do.

tf.enableProdMode();

type Layer = {
  readonly name: string;
  readonly class_name: string;
  readonly config: object;
  inbound_nodes?: unknown;
};

/** A model of Keras 2 with a model inside, which has the layers of a case. */
function nested(one: ArgumentCase): object {
  const {config} = jsonOf(one, '2.15.0') as {config: {layers: Layer[]; output_layers: unknown[]}};
  const inputs = config.layers.filter(layer => layer.class_name === 'InputLayer');
  const outer = inputs.map(layer => {
    const name = `outer_${layer.name}`;
    return {...layer, name, config: {...layer.config, name}};
  });
  const inner = {
    class_name: 'Functional',
    name: 'encoder',
    config: {...config, name: 'encoder'},
    inbound_nodes: [outer.map(({name}) => [name, 0, 0, {}])],
  };
  const outputs = config.output_layers.map((_, k) => ['encoder', 1, k]);
  return {
    class_name: 'Functional',
    keras_version: '2.15.0',
    config: {
      name: 'model',
      layers: [...outer, inner],
      input_layers: outer.map(({name}) => [name, 0, 0]),
      output_layers: outputs,
    },
  };
}

const REMEDY = /--until|customObjects|remove it|expected|use |give /;

/** What is wrong with a refusal of an argument; undefined where it is as it should be, or there is none. */
function faultOf(one: ArgumentCase, argument: string, layer = 'encoder/layer'): string | undefined {
  const error = refusalOf(nested(one));
  if (!error) return undefined;
  const {message} = error;
  if (error.layer !== layer) return `layer is ${error.layer}: ${message}`;
  if (error.argument !== undefined && error.argument !== argument)
    return `argument is ${error.argument}: ${message}`;
  if (!/layer \d 'encoder': layer \d+ 'layer'/.test(message)) return `no path: ${message}`;
  if (!message.includes(argument)) return `no argument: ${message}`;
  return REMEDY.test(message) ? undefined : `nothing to do: ${message}`;
}

function refusalOf(json: object): CarryoverError | undefined {
  try {
    modelFrom(json).dispose();
  } catch (error) {
    if (error instanceof CarryoverError) return error;
    throw error;
  }
  return undefined;
}

const all = casesOf('2.15.0');
const bases = all.filter(one => one.argument === undefined && !/ (in|backwards|without)/.test(one.id));

/** A case with one more entry in its config. */
const withEntry = (one: ArgumentCase, key: string, value: unknown): ArgumentCase => ({
  ...one,
  config: {...one.config, [key]: value},
});

test('an argument that no release has is refused by every class', t => {
  const faults = bases.map(one => {
    const odd = withEntry(one, 'no_such_argument', 1);
    const fault = refusalOf(nested(odd)) ? faultOf(odd, 'no_such_argument') : 'is not refused';
    return fault && `${one.id}: ${fault}`;
  });
  t.deepEqual(faults.filter(Boolean), []);
  t.true(bases.length > 80);
});

test('a value of the wrong kind is refused by every class', t => {
  const kinds = ['integer', 'number', 'integers', 'boolean', 'choice'];
  const wrong = all.filter(
    ({spec, id}) => spec?.role === 'meant' && kinds.includes(spec.kind) && !/ in /.test(id),
  );
  const faults = wrong.map(one => {
    const odd = withEntry(one, one.python!, {odd: true});
    const fault = refusalOf(nested(odd)) ? faultOf(odd, one.python!) : 'is not refused';
    return fault && `${one.id}: ${fault}`;
  });
  t.deepEqual([...new Set(faults)].filter(Boolean), []);
  t.true(wrong.length > 250);
});

test('arguments that are refused say so with their names', t => {
  const refused = all.filter(({spec, id}) => spec?.role === 'refused' && !/ in /.test(id));
  const faults = refused.map(one => {
    const fault = refusalOf(nested(one))
      ? faultOf(one, pythonName(one.argument!, one.spec!, '2.15.0')!)
      : 'is not refused';
    return fault && `${one.id}: ${fault}`;
  });
  t.deepEqual(faults.filter(Boolean), []);
  t.true(refused.length > 20);
});

test('an argument of a call that is not supported is refused with its name', t => {
  const dense = bases.find(({id}) => id === 'Dense')!;
  const json = nested(dense) as {config: {layers: {config: {layers: Layer[]}}[]}};
  json.config.layers[1]!.config.layers.at(-1)!.inbound_nodes = [[['x0', 0, 0, {weighting: 3}]]];
  const error = refusalOf(json);
  t.like(error, {code: 'E_LAYER', layer: 'encoder/layer', argument: 'weighting'});
  t.regex(error!.message, /weighting=3.*--until/);
});

test('what the parser refuses is named like the rest', t => {
  const dense = bases.find(({id}) => id === 'Dense')!;
  const edited = (edit: (layers: Layer[]) => void, outer = false): CarryoverError | undefined => {
    const json = nested(dense) as {config: {layers: {config: {layers: Layer[]}}[]}};
    edit((outer ? json.config.layers : json.config.layers[1]!.config.layers) as Layer[]);
    return refusalOf(json);
  };
  const withoutConfig = edited(layers => {
    layers[1] = {...layers[1]!, config: 3 as never};
  });
  t.like(withoutConfig, {code: 'E_ARCHITECTURE', layer: 'encoder/layer'});
  const oddNodes = edited(layers => {
    layers[1]!.inbound_nodes = [['x0']];
  });
  t.like(oddNodes, {code: 'E_ARCHITECTURE', layer: 'encoder/layer'});
  const training = edited(layers => {
    layers[1]!.inbound_nodes = [[['outer_x0', 0, 0, {training: true}]]];
  }, true);
  t.like(training, {code: 'E_LAYER', layer: 'encoder', argument: 'training'});
  t.regex(training!.message, /--until/);
});

for (const [argument, value] of Object.entries({sparse: true, ragged: true, dtype: 'string', odd: 1})) {
  test(`an input with ${argument} ${value} is refused, where it is needed`, t => {
    const input = (name: string, more: object) => ({
      class_name: 'InputLayer',
      name,
      config: {name, batch_input_shape: [null, 3], dtype: 'float32', ...more},
      inbound_nodes: [],
    });
    const relu = (name: string, from: string) => ({
      class_name: 'ReLU',
      name,
      config: {name},
      inbound_nodes: [[[from, 0, 0, {}]]],
    });
    const json = {
      class_name: 'Functional',
      keras_version: '2.15.0',
      config: {
        name: 'model',
        layers: [input('x', {}), input('text', {[argument]: value}), relu('a', 'x'), relu('b', 'text')],
        input_layers: [
          ['x', 0, 0],
          ['text', 0, 0],
        ],
        output_layers: [
          ['a', 0, 0],
          ['b', 0, 0],
        ],
      },
    };
    const error = refusalOf(json);
    t.like(error, {code: 'E_LAYER', layer: 'text', argument});
    t.regex(error!.message, /layer 1 'text': .*--until/);
    t.notThrows(() => modelFrom(json, undefined, {outputs: ['a']}));
  });
}
