import {execute} from './dispatch.generated';
import {Header, Move} from './isa.generated';

/**
 * Runs a program: `before` once, then for each iteration `open`, `step` at every step and `close`, then `after` once.
 * After each step, and after each iteration, the words that move are moved.
 */
export function run<T>(header: Header): void {
  const steps = header.steps, most = header.iterationSteps;
  const before = header.before, open = header.open, step = header.step;
  const close = header.close, after = header.after, end = header.end;
  const stepMoves = header.stepMoves, iterationMoves = header.iterationMoves, movesEnd = header.movesEnd;
  execute<T>(before, open, 0);
  for (let done: usize = 0; done < steps; done += most) {
    const count = min(most, steps - done);
    execute<T>(open, step, count);
    for (let s: usize = 0; s < count; s++) {
      execute<T>(step, close, count);
      move(stepMoves, iterationMoves, 1);
    }
    execute<T>(close, after, count);
    move(iterationMoves, movesEnd, count);
  }
  execute<T>(after, end, 0);
}

/** Adds to each word of a list of moves, `times` over. */
@inline
function move(from: usize, end: usize, times: usize): void {
  for (let m = from; m < end; m += offsetof<Move>()) {
    const each = changetype<Move>(m), word = each.word;
    store<usize>(word, load<usize>(word) + each.bytes * times);
  }
}
