import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {openPickle, readPickle} from '../converters/index';
import {CarryoverError} from '../src/errors';

const HOSTILE = 'fixtures/hostile/pickle';

/** What each file of the folder is refused for. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'add-to-list': /byte 6: set items for a list/,
  'append-to-number': /byte 4: list items for a number/,
  'append-to-tuple': /byte 2: list items for a tuple/,
  'array-of-complex': /byte 63: element type '<c8'/,
  'array-of-fields': /byte 131: a structured element type \(fields\)/,
  'array-of-objects': /byte 63: an object array \(pickled Python objects\)/,
  'array-of-values-as-list': /byte 136: an array whose values are a list/,
  'array-state-short': /byte 69: a tuple as the state of an array/,
  'array-without-dtype': /byte 92: an array whose element type is a string/,
  'buffer-order': /byte 105: an array without an order/,
  'builtins-eval': /byte 0: it names "__builtin__\.eval", which is not read/,
  'builtins-getattr': /byte 0: it names "builtins\.getattr", which is not read/,
  'bytearray-of-16-exabytes': /byte 2: cut off: 3 bytes are left, expected 18446744073709552000/,
  'bytes-of-4-exabytes': /byte 2: cut off: 3 bytes are left, expected 4611686018427388000/,
  'call-of-int': /byte 21: a call of builtins\.int, which is expected as a name only/,
  'call-of-text': /byte 6: a call of a string/,
  'call-without-tuple': /byte 15: a call with a list/,
  'deep-list': /data nested too deep; at most 1000 are allowed: .* raise the limit pickleDepth/,
  'deep-tuple': /data nested too deep; at most 1000 are allowed: .* raise the limit pickleDepth/,
  'dict-odd': /byte 4: a dictionary key without a value/,
  'dict-of-itself': /data that contain themselves/,
  'dotted-name': /byte 34: it names "neupy\.storage\.os\.system", which is not read/,
  'doubled-forty-times': /one part is used so often that the data would be far larger than the file/,
  'dtype-code': /byte 31: the element type "f4, f4"/,
  'dtype-order': /byte 52: the state of an element type without a byte order/,
  empty: /byte 0: cut off: the pickle ends without its STOP/,
  'encode-rot13': /byte 32: bytes from a string in the encoding "rot13"/,
  'encode-wide': /byte 36: bytes from a string with characters beyond U\+00FF/,
  'extension-1': /byte 2: an extension code/,
  'extension-4': /byte 2: an extension code/,
  'float-text': /byte 0: a malformed float/,
  'frame-of-16-exabytes': /byte 2: cut off: a frame of 18446744073709552000 bytes, 2 are left/,
  'instance-of-popen': /byte 17: it names "subprocess\.Popen", which is not read/,
  'integer-hex': /byte 0: a malformed integer/,
  'integer-of-2-gigabytes': /byte 2: an integer of 2147483647 bytes/,
  'integer-of-4096-bytes': /byte 2: an integer of 4096 bytes/,
  'integer-of-5000-digits': /byte 0: an integer of 5001 digits; at most 4300/,
  'integer-of-minus-one': /byte 2: a length of -1/,
  'integer-text': /byte 0: a malformed integer/,
  'items-of-list': /byte 7: dictionary items for a list/,
  'key-array': /byte 142: an array as a key/,
  'key-dict': /byte 3: a dict as a key/,
  'key-list': /byte 3: a list as a key/,
  'line-without-end': /byte 0: cut off: a line without an end in the last 4 bytes/,
  'list-of-itself': /data that contain themselves/,
  'mark-left': /byte 2: something unfinished is left on the stack at its end/,
  'mark-missing': /byte 1: no mark on the stack/,
  matrix: /byte 37: it names "numpy\.matrixlib\.defmatrix\.matrix", which is not read/,
  'memo-across-mark': /byte 2: nothing on the stack/,
  'memo-negative': /byte 1: a memo entry without a proper number/,
  'memo-of-4-billion': /byte 9: memo entry 4294967294, which has not been written/,
  'memo-of-nothing': /byte 2: nothing on the stack/,
  'memo-text': /byte 1: a malformed integer/,
  'memo-unset': /byte 0: memo entry 0, which has not been written/,
  'name-of-5000-letters': /byte 0: the name "o+…"; at most 256 are allowed/,
  'names-that-are-numbers': /byte 6: a number and a number as the name of a class or function/,
  'newobj-of-ndarray': /byte 22: a call of numpy\.ndarray, which is expected as a name only/,
  'next-buffer': /byte 2: a buffer outside the pickle/,
  'no-stop': /byte 3: cut off: the pickle ends without its STOP/,
  'numpy-runstring': /byte 0: it names "numpy\.testing\._private\.utils\.runstring", which is not read/,
  'object-of-itself': /data that contain themselves/,
  'object-of-number': /byte 4: an instance of a number/,
  'object-of-popen': /byte 1: it names "subprocess\.Popen", which is not read/,
  'object-without-class': /byte 1: an instance without a class/,
  'ordered-of-numbers': /byte 32: an OrderedDict of something other than pairs/,
  'os-system': /byte 0: it names "os\.system", which is not read/,
  'persistent-id-binary': /byte 2: a persistent id/,
  'persistent-id': /byte 0: a persistent id/,
  'pop-nothing': /byte 0: nothing on the stack/,
  'posix-system-4': /byte 23: it names "posix\.system", which is not read/,
  'protocol-9': /byte 0: pickle protocol 9; protocols 0 to 5 are known/,
  'readonly-buffer': /byte 3: a buffer outside the pickle/,
  'reconstructor-of-list':
    /byte 67: an instance of neupy\.init\.HeNormal, which extends the name builtins\.list/,
  'reconstructor-of-popen': /byte 26: it names "subprocess\.Popen", which is not read/,
  'scalar-cut-off': /byte 91: an array of float32 \(\) in 2 bytes/,
  'second-pickle': /byte 3: 4 bytes follow the end of the pickle/,
  'set-of-lists': /byte 19: a list as a key/,
  'shape-huge': /byte 160: an array of float32 \(1000000000, 1000000000\) in 4 bytes/,
  'shape-list': /byte 139: an array whose shape is a list/,
  'shape-negative': /byte 140: an array of float32 \(-1,\) in 4 bytes/,
  'shape-of-65-dimensions': /byte 331: an array whose shape is a tuple/,
  'shape-overflows': /byte 161: an array whose shape is a tuple/,
  'shape-text': /byte 141: an array whose shape is a tuple/,
  'stack-empty': /byte 0: nothing on the stack/,
  'stack-two-values': /byte 2: something unfinished is left on the stack at its end/,
  'stack-under-mark': /byte 2: nothing on the stack/,
  'state-of-dict': /byte 2: a state for a dict/,
  'state-twice': /byte 19: a second state for an object of neupy\.init\.A/,
  'string-escape': /byte 0: a malformed string/,
  'string-half-quoted': /byte 0: a malformed string/,
  'string-of-minus-one': /byte 0: a length of -1/,
  'string-unquoted': /byte 0: a malformed string/,
  'strings-of-no-length': /byte 144: 1000000000 strings of no length/,
  'text-of-4-gigabytes': /byte 2: cut off: 3 bytes are left, expected 4294967295/,
  'tuple-of-itself': /data that contain themselves/,
  'unicode-beyond': /byte 0: a malformed string/,
  'unicode-escape': /byte 0: a malformed string/,
  'unknown-instruction': /byte 2: 0xff is no instruction/,
  'utf-8-broken': /byte 2: a string that is not UTF-8/,
  'values-too-few': /byte 139: an array of float32 \(2,\) in 4 bytes/,
  'values-too-many': /byte 137: an array of float32 \(\) in 5 bytes/,
  'web-page': /byte 0: 0x3c is no instruction/,
};

test('the list of hostile pickles is the folder', t => {
  const files = readdirSync(HOSTILE).filter(name => name.endsWith('.pickle'));
  t.deepEqual(Object.keys(REFUSED).sort(), files.map(name => name.slice(0, -'.pickle'.length)).sort());
});

/** What is whole and not read, and what asks for more than a limit allows; all else is damaged. */
const CODES: readonly (readonly [string, RegExp])[] = [
  [
    'E_UNSUPPORTED',
    /which is not read|an object array|element type '|a persistent id|an extension code|a buffer outside|protocols 0 to 5/,
  ],
  ['E_LIMIT', /nested too deep|at most|used so often|an integer of \d+ (bytes|digits)/],
];

for (const [name, message] of Object.entries(REFUSED)) {
  test(`${name}.pickle is refused in one line, at once`, t => {
    const bytes = readFileSync(join(HOSTILE, `${name}.pickle`));
    const code = CODES.find(([, words]) => words.test(message.source))?.[0] ?? 'E_FORMAT';
    const before = performance.now();
    const error = t.throws(() => readPickle(bytes, {where: 'w.pickle', classes: ['neupy.*']}), {
      instanceOf: CarryoverError,
      code,
      message,
    });
    t.regex(error.message, /^w\.pickle: [^\n]+$/);
    t.throws(() => openPickle(bytes), {code});
    t.true(performance.now() - before < 1000);
  });
}
