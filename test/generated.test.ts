import {readFileSync} from 'node:fs';
import test from 'ava';
import {GENERATED, withPart} from '../scripts/generate';
import {useBackend} from '../src/node/backend';

test.before(() => useBackend('cpu'));

for (const part of GENERATED) {
  test(`${part.file}: the part '${part.name}' is what npm run generate writes`, t => {
    const document = readFileSync(part.file, 'utf8');
    t.is(withPart(document, part), document);
  });
}

test('a document without the marks of its part is refused', t => {
  const part = {file: 'x.md', name: 'table', text: () => ''};
  t.throws(() => withPart('no marks', part), {message: /x\.md has no '<!-- table -->'/});
});
