import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {hostname, tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {getBackend} from '@tensorflow/tfjs-core';
import test, {type ExecutionContext} from 'ava';
import {loadNativeBackend} from '../src/node/native';
import {cacheFolder} from '../src/node/native/cache-folder.mjs';
import {withLock} from '../src/node/native/lock.mjs';
import {entryName} from '../src/node/native/plan';
import {nativeStatus, type SetupNativeOptions, setupNative} from '../src/node/native/setup';
import {FakeMachine} from './native-fakes';

const linux = {platform: 'linux', arch: 'x64'};
const ALL_STEPS = ['download', 'unpack', 'compile'];

function fakeMachine(t: ExecutionContext, programs?: readonly string[]): FakeMachine {
  const machine = new FakeMachine(programs);
  t.teardown(() => machine.remove());
  return machine;
}

async function setUp(fake: FakeMachine, project: string, options: SetupNativeOptions = {}) {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const status = await setupNative({project, env: fake.env, machine: linux, log, ...options});
  return {status, lines, reason: status.available ? '' : status.reason};
}

test('set-up from an empty cache ends with a checked backend and leaves nothing else', async t => {
  const fake = fakeMachine(t);
  const {folder, tfjsNode} = fake.project('one');
  t.false(nativeStatus(folder).available);
  const {status, reason} = await setUp(fake, folder);
  t.is(reason, '');
  t.like(status, {available: true, tensorflow: '2.15.1', version: '4.22.0', gpu: false, route: 'wheel'});
  t.deepEqual(fake.takeSteps(), ALL_STEPS);
  t.true(existsSync(join(tfjsNode, 'lib', 'napi-v8', 'tfjs_binding.node')));
  t.deepEqual(readdirSync(join(tfjsNode, 'deps', 'lib')).sort(), [
    'libtensorflow.so',
    'libtensorflow_cc.so.2',
    'libtensorflow_framework.so',
    'libtensorflow_framework.so.2',
  ]);
  t.deepEqual(nativeStatus(folder), status);
  t.deepEqual(fake.leftovers(), []);
});

test('a second set-up calls nothing, and a second project takes all from the cache', async t => {
  const fake = fakeMachine(t);
  const one = fake.project('one');
  const two = fake.project('two');
  await setUp(fake, one.folder);
  fake.takeSteps();
  const again = await setUp(fake, one.folder);
  t.deepEqual(again.lines, []);
  t.true((await setUp(fake, two.folder)).status.available);
  t.deepEqual(fake.takeSteps(), []);
  rmSync(fake.cache, {recursive: true});
  t.true(nativeStatus(two.folder).available, 'a project outlives the cache');
});

test('the GPU build is an entry of its own', async t => {
  const fake = fakeMachine(t);
  const {folder} = fake.project('one');
  await setUp(fake, folder);
  const {status} = await setUp(fake, folder, {gpu: true});
  t.like(status, {available: true, gpu: true});
  t.deepEqual(fake.takeSteps(), [...ALL_STEPS, ...ALL_STEPS]);
  t.is(readdirSync(join(fake.cache, 'native')).length, 2);
});

test('what is missing is found before anything is downloaded, and said in one line', async t => {
  const cases: [string[], SetupNativeOptions, RegExp][] = [
    [['python3'], {}, /no C\+\+ compiler/],
    [['g++'], {}, /no python3 with pip/],
    [['python3', 'g++'], {machine: {platform: 'darwin', arch: 'arm64'}}, /linux x64 only.*darwin arm64/],
  ];
  for (const [programs, options, expected] of cases) {
    const fake = fakeMachine(t, programs);
    const {folder, tfjsNode} = fake.project('one');
    const {reason} = await setUp(fake, folder, options);
    t.regex(reason, expected);
    t.regex(reason, /download host 127\.0\.0\.1:9 does not answer/);
    t.notRegex(reason, /\n/);
    t.deepEqual(fake.takeSteps(), []);
    t.false(existsSync(join(tfjsNode, 'lib')));
  }
});

test('after a failed build nothing is installed, and the next set-up keeps the download', async t => {
  const fake = fakeMachine(t);
  const {folder, tfjsNode} = fake.project('one');
  fake.env.FAKE_COMPILE = 'fail';
  const {reason} = await setUp(fake, folder);
  t.regex(reason, /g\+\+ could not build tfjs-node's binding: fake error: compile failed/);
  t.false(existsSync(join(tfjsNode, 'deps')));
  t.deepEqual(readdirSync(join(fake.cache, 'native')), []);
  t.deepEqual(fake.leftovers(), []);
  fake.takeSteps();
  delete fake.env.FAKE_COMPILE;
  t.true((await setUp(fake, folder)).status.available);
  t.deepEqual(fake.takeSteps(), ['unpack', 'compile']);
});

test('a damaged download is fetched again', async t => {
  const fake = fakeMachine(t);
  await setUp(fake, fake.project('one').folder);
  rmSync(join(fake.cache, 'native'), {recursive: true});
  const [wheel = ''] = readdirSync(join(fake.cache, 'downloads'));
  truncateSync(join(fake.cache, 'downloads', wheel), 3);
  fake.takeSteps();
  t.true((await setUp(fake, fake.project('two').folder)).status.available);
  t.deepEqual(fake.takeSteps(), ['unpack', 'download', 'unpack', 'compile']);
});

test('a cache entry with a file cut short is built again', async t => {
  const fake = fakeMachine(t);
  await setUp(fake, fake.project('one').folder);
  const [entry = ''] = readdirSync(join(fake.cache, 'native'));
  truncateSync(join(fake.cache, 'native', entry, 'deps', 'lib', 'libtensorflow_cc.so.2'), 3);
  fake.takeSteps();
  t.true((await setUp(fake, fake.project('two').folder)).status.available);
  t.deepEqual(fake.takeSteps(), ['unpack', 'compile']);
});

test('a backend that multiplies wrongly goes out again', async t => {
  const fake = fakeMachine(t);
  const {folder, tfjsNode} = fake.project('one');
  fake.env.FAKE_PRODUCT = 'wrong';
  const {reason} = await setUp(fake, folder);
  t.regex(reason, /a matrix product gives .* where 22,28,49,64 is right/);
  t.false(existsSync(join(tfjsNode, 'lib')));
  t.false(existsSync(join(tfjsNode, 'deps')));
  t.deepEqual(readdirSync(join(fake.cache, 'native')), []);
});

test('a library that has gone is noticed and put back', async t => {
  const fake = fakeMachine(t);
  const {folder, tfjsNode} = fake.project('one');
  await setUp(fake, folder);
  fake.takeSteps();
  rmSync(join(tfjsNode, 'deps', 'lib', 'libtensorflow_cc.so.2'));
  const status = nativeStatus(folder);
  t.regex(status.available ? '' : status.reason, /have changed/);
  t.true((await setUp(fake, folder)).status.available);
  t.deepEqual(fake.takeSteps(), []);
});

test('two set-ups at once share one download and one build', async t => {
  const fake = fakeMachine(t);
  const projects = ['one', 'two', 'three'].map(name => fake.project(name).folder);
  const results = await Promise.all(projects.map(folder => setUp(fake, folder)));
  t.deepEqual(
    results.map(({reason}) => reason),
    ['', '', ''],
  );
  t.deepEqual(fake.takeSteps(), ALL_STEPS);
  t.true(results.some(({lines}) => lines.some(line => line.startsWith('waiting for another'))));
});

for (const step of ALL_STEPS) {
  test(`set-up killed during ${step} leaves no backend, and the next one finishes and cleans up`, async t => {
    const fake = fakeMachine(t);
    const {folder, tfjsNode} = fake.project('one');
    const script = `
      import {setupNative} from './src/node/native/setup.ts';
      await setupNative({project: ${JSON.stringify(folder)}, env: ${JSON.stringify({...fake.env, [`FAKE_${step.toUpperCase()}`]: 'hang'})}, machine: ${JSON.stringify(linux)}});
    `;
    const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '-e', script], {
      stdio: 'ignore',
    });
    const ended = new Promise(resolve => child.once('exit', resolve));
    while (child.exitCode === null && fake.steps().at(-1)?.name !== step) await sleep(20);
    const hanging = fake.steps().at(-1)?.pid ?? 0;
    child.kill('SIGKILL');
    await ended;
    process.kill(hanging, 'SIGKILL');
    t.false(existsSync(join(tfjsNode, 'lib')));
    t.false(nativeStatus(folder).available);
    t.not(fake.leftovers().length, 0);

    t.is((await setUp(fake, folder)).reason, '');
    t.deepEqual(fake.leftovers(), []);
  });
}

test("tfjs-node's own prebuilt binding is taken where its host answers", async t => {
  const server = createServer((_, response) => response.end());
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const fake = fakeMachine(t);
  fake.env.CDN_STORAGE = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const {folder, tfjsNode} = fake.project('one');
  t.like((await setUp(fake, folder)).status, {available: true, route: 'upstream', tensorflow: '2.9.1'});
  t.deepEqual(fake.takeSteps(), ['upstream']);
  t.deepEqual(readdirSync(join(tfjsNode, 'scripts')), ['install.js']);

  const other = fakeMachine(t);
  other.env.CDN_STORAGE = fake.env.CDN_STORAGE;
  other.env.FAKE_UPSTREAM = 'fail';
  t.like((await setUp(other, other.project('one').folder)).status, {available: true, route: 'wheel'});
});

test('a project of another package manager is told how to add tfjs-node', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-yarn-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  writeFileSync(join(folder, 'yarn.lock'), '');
  const status = await setupNative({project: folder, env: {}, log: () => {}});
  t.regex(status.available ? '' : status.reason, /yarn add --ignore-scripts @tensorflow\/tfjs-node@4\.22\.0/);
});

test('the cache is named by CARRYOVER_CACHE, XDG_CACHE_HOME, the home folder, in this order', t => {
  const HOME = '/home/u';
  t.is(cacheFolder({HOME, XDG_CACHE_HOME: '/x', CARRYOVER_CACHE: '/c'}), '/c');
  t.is(cacheFolder({HOME, XDG_CACHE_HOME: '/x'}), join('/x', 'carryover'));
  t.is(cacheFolder({HOME}), join(HOME, '.cache', 'carryover'));
});

test('a cache entry is named by all that a binding depends on', t => {
  const name = (napi: number, gpu: boolean) =>
    entryName(linux, {version: '4.22.0', napi}, 'tensorflow-2.15.1', gpu);
  t.is(name(8, false), 'linux-x64-tfjs-node-4.22.0-tensorflow-2.15.1-napi-v8');
  t.is(new Set([name(8, false), name(8, true), name(7, false)]).size, 3);
});

test('a lock is waited for while its owner lives, and taken over when it has died', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-lock-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const path = join(folder, 'x.lock');
  const order: string[] = [];
  await Promise.all(
    ['a', 'b'].map(name =>
      withLock(path, async () => {
        order.push(`${name} in`);
        await sleep(50);
        order.push(`${name} out`);
      }),
    ),
  );
  t.is(order[0]?.[0], order[1]?.[0]);
  t.is(order[2]?.[0], order[3]?.[0]);

  const dead = spawn(process.execPath, ['-e', '']);
  await new Promise(resolve => dead.once('exit', resolve));
  writeFileSync(path, JSON.stringify({pid: dead.pid, host: hostname(), token: 'x'}));
  t.is(await withLock(path, async () => 'taken', {onWait: () => t.fail('waited for a dead owner')}), 'taken');
  t.false(existsSync(path));
});

test('the native backend loads exactly where set-up says that it is there', async t => {
  const status = nativeStatus();
  const native = await loadNativeBackend();
  t.is(native.available, status.available, native.available ? '' : native.reason);
  if (native.available && status.available) {
    t.is(native.tensorflow, status.tensorflow);
    t.is(getBackend(), 'tensorflow');
  } else {
    t.not(process.env.CI, 'true', 'CI has the native backend');
  }
});
