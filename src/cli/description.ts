import {formatNamed} from '../../converters/formats';
import {printable} from '../errors';
import type {Description, GraphDescription, LayerDescription} from '../inspect/describe';
import {modelNotes, shapeText, table} from './output';

/** A description as people read it. */
export function describeText(description: Description): string {
  const {source, format, facts, inputs, outputs, layers, notes, problems} = description;
  const lines = [`${source}: ${formatNamed(format)?.title ?? format}`];
  lines.push(...heading(description));
  const backend = facts.backend && `ran on ${facts.backend}`;
  const training =
    facts.optimizer && `trained with ${facts.optimizer}${facts.loss ? `, loss ${facts.loss}` : ''}`;
  const more = [backend, training].filter(Boolean).join('; ');
  if (more) lines.push(`origin    ${more}`);
  if (inputs.length > 0) {
    lines.push('', ...table([...inputs.map(port('input')), ...outputs.map(port('output'))]).split('\n'));
  }
  lines.push('', ...layers.flatMap(layerLines));
  if (description.graph) lines.push(...graphLines(description.graph));
  lines.push(`${description.parameters.toLocaleString('en')} parameters`);
  if (notes.length > 0) lines.push('', ...modelNotes(notes));
  if (problems.length > 0) lines.push('', ...problems.map(text => `cannot be loaded: ${text}`));
  return lines.map(printable).join('\n');
}

function heading({library, version, facts}: Description): string[] {
  const release = library ? `${library}${version ? `, release ${version}` : ''}` : 'not told by the file';
  const layout = facts.layout ? `, file layout of Keras ${facts.layout}` : '';
  return [`library   ${release}${layout}${facts.model ? `, ${facts.model}` : ''}`];
}

const port =
  (what: string) =>
  ({name, shape, dtype}: Description['inputs'][number]): string[] => [what, name, shapeText(shape), dtype];

const MOST_WORDS = 16;

function few(words: readonly string[]): string {
  const more = words.length - MOST_WORDS;
  return [...words.slice(0, MOST_WORDS), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

function graphLines({nodes, needed, loops, operations, training}: GraphDescription): string[] {
  const computed = Object.entries(operations).map(([op, count]) => (count === 1 ? op : `${op} ${count}`));
  return [
    `graph     ${nodes} nodes, ${needed} of them for the outputs; ${loops} loops`,
    ...(computed.length > 0 ? [`computes  ${few(computed)}`] : []),
    ...(training.length > 0 ? [`left out  what training needed: ${training.join(', ')}`] : []),
  ];
}

function layerLines({index, name, class: className, settings, arrays, states}: LayerDescription): string[] {
  const told = Object.entries(settings).map(([key, value]) => `${key} ${String(value)}`);
  const title = [String(index), name, className, told.join(', ')].filter(Boolean).join('  ');
  const rows = arrays.map(({role, name: file, shape, dtype, meaning}) => {
    const own = role ?? file ?? '';
    return [
      own,
      shapeText(shape),
      dtype,
      meaning ?? '',
      role && file && !file.endsWith(role) ? `(${file})` : '',
    ];
  });
  const lines = [title];
  if (rows.length > 0) lines.push(...table(rows, {indent: 4}).split('\n'));
  if (states)
    lines.push(
      `    states ${states.names.join(', ')} [batch, ${[states.units].flat().join(' or ')}]: ${states.rules.join('; ')}`,
    );
  return lines;
}
