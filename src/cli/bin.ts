#!/usr/bin/env node
import {main} from './main';

// A reader that has seen enough (head, a closed pager) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });
}

main(process.argv.slice(2)).then(code => {
  process.exitCode = code;
});
