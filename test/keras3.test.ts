import test from 'ava';
import {parseArchitecture} from '../src/model/parse';

// The JSON of Keras 3: how it is told from older ones, and operations from layers.

const input = {
  module: 'keras.layers',
  class_name: 'InputLayer',
  config: {batch_shape: [null, 4, 3], dtype: 'float32', name: 'x'},
  name: 'x',
};
const tensor = (name: string) => ({
  class_name: '__keras_tensor__',
  config: {shape: [null, 4, 3], dtype: 'float32', keras_history: [name, 0, 0]},
});
const node = (...names: string[]) => [{args: names.map(tensor), kwargs: {}}];

const functional = (layers: object[], output: string) => ({
  module: 'keras.src.models.functional',
  class_name: 'Functional',
  config: {
    name: 'f',
    trainable: true,
    layers,
    input_layers: [['x', 0, 0]],
    output_layers: ['x', 0, 0].with(0, output),
  },
});

const gru = {
  module: 'keras.layers',
  class_name: 'GRU',
  name: 'g',
  config: {name: 'g', trainable: true, units: 2, recurrent_activation: 'hard_sigmoid'},
  inbound_nodes: node('x'),
};

test('JSON of Keras 3 is told by its words; one output may stand bare', t => {
  const {library, outputs, notes} = parseArchitecture(functional([input, gru], 'g'), 'model.json');
  t.is(library, 'keras3');
  t.deepEqual(outputs, [{layer: 'g', call: 0, output: 0}]);
  t.regex(notes.join(), /does not name its Keras release/);
});

test('a release given as an option decides', t => {
  const architecture = parseArchitecture(functional([input, gru], 'g'), 'model.json', {version: '3.3.3'});
  t.is(architecture.version, '3.3.3');
});

test('an operation has a name of its own, though a layer be called the same', t => {
  const add = (module: string) => ({
    module,
    class_name: 'Add',
    name: 'add',
    config: {name: 'add'},
    inbound_nodes: node('g', 'g'),
  });
  const classOf = (module: string) =>
    parseArchitecture(functional([input, gru, add(module)], 'add'), 'model.json').layers[1]!.className;
  t.is(classOf('keras.src.ops.numpy'), 'ops.Add');
  t.is(classOf('keras.layers'), 'Add');
});

test('HDF5 leaves modules out: what has neither a dtype nor something to train is an operation', t => {
  const add = (config: object) => ({class_name: 'Add', name: 'add', config, inbound_nodes: node('g', 'g')});
  const classOf = (config: object) =>
    parseArchitecture(functional([input, gru, add(config)], 'add'), 'model.h5').layers[1]!.className;
  t.is(classOf({name: 'add'}), 'ops.Add');
  t.is(classOf({name: 'add', trainable: true, dtype: 'float32'}), 'Add');
});
