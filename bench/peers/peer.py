"""One Python library as a contestant: takes orders on stdin, one JSON object a line, and answers on stdout likewise.

    python peer.py keras|torch

    {"do": "prepare", "problem": {...}, "data": "x.npz", "result": "y.npy"}  ->  {"ready": true} or {"refused": reason}
    {"do": "run", "calls": n}                                                ->  {"ms": milliseconds a call}

A block of calls is timed here, from the call to its values in NumPy. Between orders the process waits for its input.
"""
import importlib
import json
import os
import platform
import sys
import time

import numpy


def main(library):
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)  # What libraries print is no answer.

    def answer(**values):
        answers.write(json.dumps(values) + '\n')
        answers.flush()

    try:
        peer = importlib.import_module('peer_' + library)
    except ImportError as error:
        return answer(missing=str(error))
    answer(versions={**peer.versions(), 'python': platform.python_version()})
    step = None
    for line in sys.stdin:
        order = json.loads(line)
        try:
            if order['do'] == 'prepare':
                step = None
                data = numpy.load(order['data'])
                step, kernel = peer.prepare(order['problem'], data)
                if order['problem']['training']:
                    before = kernel().copy()
                    step()
                    result = kernel() - before
                else:
                    result = step()
                numpy.save(order['result'], numpy.ascontiguousarray(result, 'float32'))
                answer(ready=True)
            else:
                start = time.perf_counter()
                for _ in range(order['calls']):
                    step()
                answer(ms=(time.perf_counter() - start) * 1e3 / order['calls'])
        except NotImplementedError as error:
            answer(refused=str(error))


if __name__ == '__main__':
    main(sys.argv[1])
