"""A Python with Keras, the official converter to TensorFlow.js and tf2onnx, as a contestant.

    python peer.py keras1|keras2|tf_keras|keras3|converter

keras1 is Keras 2.3.1 on TensorFlow 1.15, which still reads Keras 1 and writes its models anew; keras2 is the tf.keras of TensorFlow
2.15, tf_keras its successor, keras3 Keras 3. The converter has a process of its own: it imports tf_keras, and in a process with that
tf.keras loops for ever over a Functional .keras.
Orders come on stdin and are answered on stdout, one JSON object a line:

    {"do": "convert", "path": file, "format": input_format, "out": folder}    ->  {"folder": of a model.json}
    {"do": "export", "way": "keras|graph", "source": {...}, "out": folder}    ->  {"path": ..., "format": input_format}
    {"do": "onnx", "source": {...}, "calls": [{name: npy}], "out": folder}    ->  {"outputs": [[npy, ...], ...]}

or {"error": words, "type": class of the exception}. A source is {"format", "path", "architecture", "by_name", "skip_mismatch",
"x": {name: npy}}; its x builds a model that does not know the shape of its input.
"""
import json
import os
import platform
import shutil
import subprocess
import sys
import traceback

KIND = sys.argv[1]
os.environ.update(TF_CPP_MIN_LOG_LEVEL='3', CUDA_VISIBLE_DEVICES='-1', KERAS_BACKEND='tensorflow')
if KIND == 'tf_keras':
    os.environ.update(TF_USE_LEGACY_KERAS='1')
ANSWERS = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)  # What libraries print is no answer.

import numpy
import tensorflow as tf

if KIND == 'keras2':
    from tensorflow import keras
elif KIND in ('tf_keras', 'converter'):
    import tf_keras as keras
else:
    import keras


def answer(**values):
    ANSWERS.write(json.dumps(values) + '\n')
    ANSWERS.flush()


def installed():
    """tf.keras of TensorFlow 2.15 does not say its own version."""
    from importlib import metadata
    return metadata.version('keras')


def versions():
    name = 'tf_keras' if KIND in ('tf_keras', 'converter') else 'keras'
    found = {'python': platform.python_version(), 'tensorflow': tf.__version__,
             name: getattr(keras, '__version__', None) or installed()}
    if KIND == 'converter':
        import tensorflowjs
        found['tensorflowjs'] = tensorflowjs.__version__
    elif KIND != 'keras1':
        import onnxruntime
        import tf2onnx
        found.update(tf2onnx=tf2onnx.__version__, onnxruntime=onnxruntime.__version__)
    return found


# -- from a file to a model ---------------------------------------------------------------------------------------------

LOADED = {}


def model_of(source):
    """The model of a source; the last one is kept, as several orders ask for it."""
    key = json.dumps(source, sort_keys=True)
    if key not in LOADED:
        LOADED.clear()
        keras.backend.clear_session()
        try:
            LOADED[key] = built(load(source), source)
        except Exception as error:
            LOADED[key] = error
    if isinstance(LOADED[key], Exception):
        raise LOADED[key]
    return LOADED[key]


def load(source):
    path, architecture = source['path'], source.get('architecture')
    if architecture is None:
        return keras.models.load_model(path, compile=False)
    with open(architecture) as file:
        text = file.read()
    if architecture.endswith(('.yaml', '.yml')):
        model = keras.models.model_from_yaml(text)
    else:
        if 'carryover' in json.loads(text):
            raise NotImplementedError('no architecture that Keras reads: the weights alone, and a recipe of Carryover')
        model = keras.models.model_from_json(text)
    options = {key: True for key in ('by_name', 'skip_mismatch') if source.get(key)}
    if path.endswith('.npz'):
        arrays = numpy.load(path)
        model.set_weights([arrays[name] for name in arrays.files])
    elif not model.built:
        model = built(model, source)
        model.load_weights(path, **options)
    else:
        model.load_weights(path, **options)
    return model


def built(model, source):
    """Sequentials without the shape of an input get it from their first data, as in Keras."""
    if not model.built or not model.inputs:
        model(arrays_in_order([None], source['x'])[0])
    return model


def arrays_in_order(names, files):
    """By name, or where a single one or another name is given, in order."""
    if all(name in files for name in names):
        return [numpy.load(files[name]) for name in names]
    if len(names) != len(files):
        raise NotImplementedError('the model has inputs %s; there are data for %s' % (names, list(files)))
    return [numpy.load(path) for path in files.values()]


def names_of_inputs(model):
    return [getattr(tensor, 'name', '').split(':')[0] for tensor in model.inputs]


def function_of(model):
    """The model as one function of TensorFlow, in test mode: in_00, in_01... to out_00, out_01..."""
    specs = [tf.TensorSpec(tensor.shape, tf.as_dtype(tensor.dtype), name='in_%02d' % k)
             for k, tensor in enumerate(model.inputs)]

    def call(*tensors):
        result = model(list(tensors) if len(tensors) > 1 else tensors[0], training=False)
        flat = tf.nest.flatten(result)
        return {'out_%02d' % k: tf.identity(tensor) for k, tensor in enumerate(flat)}

    return tf.function(call, input_signature=specs), specs


# -- the official converter ---------------------------------------------------------------------------------------------

def convert(order):
    """tensorflowjs_converter, as on the command line."""
    from tensorflowjs.converters import converter
    path, out = order['path'], order['out']
    if order['format'] == 'keras_keras':
        # The converter unpacks a .keras beside itself.
        path = os.path.join(out, 'copy.keras')
        shutil.copy(order['path'], path)
    kind = 'tfjs_graph_model' if order['format'] == 'tf_saved_model' else 'tfjs_layers_model'
    converter.convert(['--input_format=' + order['format'], '--output_format=' + kind, path, out])
    return {'folder': out}


def export(order):
    """What the converter takes, of what Keras takes: a whole model in HDF5 (of Keras 3 a .keras), or a SavedModel."""
    model, out = model_of(order['source']), order['out']
    if order['way'] == 'keras':
        path = os.path.join(out, 'saved.keras' if KIND == 'keras3' else 'saved.h5')
        options = {} if KIND == 'keras3' else {'include_optimizer': False}
        model.save(path, **options)
        return {'path': path, 'format': 'keras_keras' if KIND == 'keras3' else 'keras'}
    function, _ = function_of(model)
    holder = tf.Module()
    holder.model = model
    path = os.path.join(out, 'saved_model')
    tf.saved_model.save(holder, path, signatures={'serving_default': function.get_concrete_function()})
    return {'path': path, 'format': 'tf_saved_model', 'inputs': names_of_inputs(model)}


# -- ONNX ---------------------------------------------------------------------------------------------------------------

def onnx(order):
    import onnxruntime
    source, out = order['source'], order['out']
    path = os.path.join(out, 'model.onnx')
    names = None
    if source['format'] == 'saved-model' and has_signature(source['path']):
        result = subprocess.run([sys.executable, '-m', 'tf2onnx.convert', '--saved-model', source['path'], '--output', path],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if result.returncode != 0:
            raise ValueError(result.stdout.decode().strip().split('\n')[-1])
    else:
        import tf2onnx
        model = model_of(source)
        names = names_of_inputs(model)
        function, specs = function_of(model)
        tf2onnx.convert.from_function(function, input_signature=specs, output_path=path)
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    return {'outputs': [run(session, names, call, os.path.join(out, 'call%d' % k))
                        for k, call in enumerate(order['calls'])]}


def has_signature(path):
    """Keras' own SavedModels may have none; what Keras makes of them is taken then."""
    return bool(tf.saved_model.load(path).signatures)


DTYPES = {'tensor(float)': 'float32', 'tensor(double)': 'float64', 'tensor(int32)': 'int32', 'tensor(int64)': 'int64',
          'tensor(bool)': 'bool', 'tensor(float16)': 'float16'}


def run(session, names, files, prefix):
    """Inputs that nothing reads are no inputs of an ONNX model."""
    taken = session.get_inputs()
    if names is None:
        plain = [port.name.split(':')[0].replace('serving_default_', '') for port in taken]
        arrays = arrays_in_order(plain, files)
    else:
        given = arrays_in_order(names, files)
        arrays = [given[int(port.name.split(':')[0][3:])] for port in taken]
    feed = {port.name: array.astype(DTYPES[port.type]) for port, array in zip(taken, arrays)}
    paths = []
    for k, array in enumerate(session.run(None, feed)):
        paths.append('%s-%d.npy' % (prefix, k))
        numpy.save(paths[-1], numpy.asarray(array, 'float64'))
    return paths


def words(error):
    lines = [line.strip() for line in str(error).split('\n')]
    return next((line for line in lines if line), '')[:300]


def main():
    answer(versions=versions())
    for line in sys.stdin:
        order = json.loads(line)
        try:
            os.makedirs(order['out'], exist_ok=True)
            answer(**{'convert': convert, 'export': export, 'onnx': onnx}[order['do']](order))
        except (Exception, SystemExit) as error:
            traceback.print_exc()
            answer(error=words(error), type=type(error).__name__)


if __name__ == '__main__':
    main()
