import test from 'ava';
import type {Report} from '../src/verify/verify';
import {browserFor, bundled, onPage} from './support/browser';

// The entry points for browsers, bundled as users bundle them; run where there is a Chromium.

const CASE = 'fixtures/golden/keras-1.2.2-theano/bilstm_concat_seq';

/** Loads a model from bytes, runs it, and says how it compares. */
const PAGE = `
import {getBackend} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import {modelFrom, verify} from '../../src/index';
import '../../src/register';
import {openKerasBytes, readNpy} from '../../converters/index';

const bytes = async name => new Uint8Array(await (await fetch(name)).arrayBuffer());
globalThis.check = async () => {
  const model = modelFrom(undefined, await openKerasBytes(await bytes('model.h5')));
  const report = verify(model, readNpy(await bytes('x.npy')), readNpy(await bytes('y.npy')));
  return {backend: getBackend(), report};
};
`;

interface Result {
  readonly backend: string;
  readonly report: Report;
}

declare const check: () => Promise<Result>;

let bundle = '';

test.before('bundles the entry points for browsers', async () => {
  bundle = await bundled('browser-test', {text: PAGE});
});

test('a bundle for browsers is whole: it imports nothing of Node, nor anything else', t => {
  t.true(bundle.length > 100_000);
  t.notRegex(bundle, /^\s*(import|export)\b.*["']\s*;?$/m);
  t.notRegex(bundle, /\b(import|require|__require)\(\s*["']/);
});

test('a model loaded from bytes predicts in Chromium what Keras did', async t => {
  const program = browserFor(t);
  if (program === undefined) return;
  const {backend, report} = await onPage({program, bundle, files: CASE}, page =>
    page.evaluate(() => check()),
  );
  t.is(backend, 'cpu');
  t.true(report.passed);
  t.true(report.outputs[0]!.maxAbs < 1e-5);
});
