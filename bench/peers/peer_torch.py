"""PyTorch: its own layer, which has its gates in another order and two biases; on the CPU, or where
CARRYOVER_BENCH_DEVICE says (cuda)."""
import os

import numpy
import torch

DEVICE = torch.device(os.environ.get('CARRYOVER_BENCH_DEVICE') or 'cpu')
# float32 as the others have it.
torch.backends.cudnn.allow_tf32 = False


def versions():
    where = torch.cuda.get_device_name(DEVICE) if DEVICE.type == 'cuda' else 'CPU'
    return {'torch': torch.__version__, 'device': where}


# Keras' column blocks in PyTorch's order: i, f, g, o and r, z, n.
ORDER = {'lstm': [0, 1, 2, 3], 'gru': [1, 0, 2], 'simple': [0]}


def rows(array, cell):
    """[rows, gates * units] as PyTorch has it: transposed, its own order of gates."""
    blocks = numpy.split(numpy.asarray(array), len(ORDER[cell]), axis=-1)
    return torch.tensor(numpy.concatenate([blocks[k] for k in ORDER[cell]], axis=-1).T.copy())


def prepare(problem, data):
    cell, units = problem['cell'], problem['units']
    if problem['peepholes']:
        raise NotImplementedError('PyTorch has no peepholes')
    if problem['masked']:
        raise NotImplementedError('PyTorch has no masks')
    if problem['gates'] != 'sigmoid' and cell != 'simple':
        raise NotImplementedError('PyTorch has no hard sigmoid gates')
    if cell == 'gru' and problem['reset'] == 'before':
        raise NotImplementedError('PyTorch has no GRU with reset before')
    kind = {'lstm': torch.nn.LSTM, 'gru': torch.nn.GRU, 'simple': torch.nn.RNN}[cell]
    layer = kind(problem['features'], units, batch_first=True)
    bias = data['weight2']
    with torch.no_grad():
        layer.weight_ih_l0.copy_(rows(data['weight0'], cell))
        layer.weight_hh_l0.copy_(rows(data['weight1'], cell))
        layer.bias_ih_l0.copy_(rows(bias[0] if bias.ndim == 2 else bias, cell))
        layer.bias_hh_l0.copy_(rows(bias[1] if bias.ndim == 2 else numpy.zeros_like(bias), cell))
    layer.to(DEVICE)
    x = torch.tensor(data['x'], device=DEVICE)

    def forward():
        with torch.inference_mode():
            return layer(x)[0].cpu().numpy()

    if not problem['training']:
        return forward, None
    # The second bias is one that the others do not have; it takes part all the same.
    optimizer = torch.optim.SGD(layer.parameters(), lr=problem['learningRate'])

    def train():
        optimizer.zero_grad()
        loss = layer(x)[0].square().mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    def kernel():
        blocks = numpy.split(layer.weight_hh_l0.detach().cpu().numpy(), len(ORDER[cell]))
        return numpy.concatenate([blocks[ORDER[cell].index(k)] for k in range(len(blocks))]).T

    return train, kernel
