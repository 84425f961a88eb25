"""tf.keras: its layer in a tf.function, as Keras 2 runs it."""
import os

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')

import tensorflow as tf


def versions():
    return {'tensorflow': tf.__version__}


def prepare(problem, data):
    if problem['peepholes']:
        raise NotImplementedError('tf.keras has no peepholes')
    gate = {'sigmoid': 'sigmoid', 'hardSigmoid': 'hard_sigmoid'}[problem['gates']]
    units = problem['units']
    if problem['cell'] == 'lstm':
        layer = tf.keras.layers.LSTM(units, recurrent_activation=gate, return_sequences=True)
    elif problem['cell'] == 'gru':
        after = problem['reset'] == 'after'
        layer = tf.keras.layers.GRU(units, recurrent_activation=gate, reset_after=after, return_sequences=True)
    else:
        layer = tf.keras.layers.SimpleRNN(units, return_sequences=True)
    x = tf.constant(data['x'])
    mask = tf.constant(data['mask'] > 0) if 'mask' in data else None
    layer.build(x.shape)
    layer.set_weights([data[f'weight{k}'] for k in range(len(layer.weights))])

    @tf.function
    def forward(x):
        return layer(x, mask=mask)

    if not problem['training']:
        return lambda: forward(x).numpy(), None

    optimizer = tf.keras.optimizers.SGD(problem['learningRate'])
    optimizer.build(layer.trainable_variables)

    @tf.function
    def train(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(layer(x, mask=mask)))
        gradients = tape.gradient(loss, layer.trainable_variables)
        optimizer.apply_gradients(zip(gradients, layer.trainable_variables))
        return loss

    return lambda: train(x).numpy(), lambda: layer.weights[1].numpy()
