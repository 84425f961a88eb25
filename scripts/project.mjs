// What the scripts share. They run before anything is installed, so they need Node alone.
import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';

/** The clone's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in the clone's root and gives its exit status; `onLine` takes its output line by line. */
export function run(command, args, {onLine, onStart, env = process.env, stdout = 'inherit'} = {}) {
  return new Promise(resolve => {
    const stdio = ['ignore', onLine === undefined ? stdout : 'pipe', 'inherit'];
    const child = spawn(command, args, {cwd: root, env, stdio});
    if (child.pid !== undefined) onStart?.(child.pid);
    if (onLine !== undefined) {
      let rest = '';
      child.stdout.setEncoding('utf8');
      child.stdout.on('data', text => {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        for (const line of lines) onLine(line);
      });
      child.stdout.on('end', () => {
        if (rest !== '') onLine(rest);
      });
    }
    child.once('error', error => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(127);
    });
    child.once('close', (code, signal) => resolve(signal === null ? code : 128));
  });
}

/** Runs npm, the one that runs this script where there is one. */
export function npm(args, options = {}) {
  const script = process.env.npm_execpath ?? '';
  if (/npm-cli\.c?js$/.test(script)) return run(process.execPath, [script, ...args], options);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options);
}

/** Progress, on stderr: stdout is for results. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}
