import {element, GREY} from './svg';

/** Colours that are told apart by most eyes too, and a shape for those that see none. */
const COLOURS = [
  '#0b66c3',
  '#d1490c',
  '#12806a',
  '#8a3fb0',
  '#b8860b',
  '#c2185b',
  '#4d5a6b',
  '#5b8c1a',
  '#00838f',
  '#7a4a21',
];
const SHAPES = ['circle', 'square', 'diamond', 'triangle'] as const;

/** Those whose colour should be the same in every chart; others take what is left. */
const KNOWN = [
  'auto',
  'native',
  'onnx',
  'wasm',
  'ops',
  'tfjs-layers',
  'onnxruntime-node',
  'onnxruntime-web',
  'tf.keras',
  'PyTorch',
];

function indexOf(name: string): number {
  const known = KNOWN.findIndex(
    one => name === one || name.startsWith(`${one} `) || name.startsWith(`${one},`),
  );
  if (known >= 0) return known;
  return [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS.length;
}

/** What is no contestant, but is drawn beside them. */
const BACKDROP = 'input and output';

export const colourOf = (name: string): string =>
  name === BACKDROP ? GREY : (COLOURS[indexOf(name) % COLOURS.length] ?? GREY);

/** A contestant's mark. */
export function mark(name: string, x: number, y: number, r = 4): string {
  const fill = colourOf(name);
  switch (SHAPES[indexOf(name) % SHAPES.length]) {
    case 'square':
      return element('rect', {x: x - r, y: y - r, width: 2 * r, height: 2 * r, fill});
    case 'diamond':
      return element('path', {
        d: `M${x} ${y - r * 1.3}l${r * 1.3} ${r * 1.3}l${-r * 1.3} ${r * 1.3}l${-r * 1.3} ${-r * 1.3}z`,
        fill,
      });
    case 'triangle':
      return element('path', {d: `M${x} ${y - r * 1.2}l${r * 1.2} ${r * 2.2}h${-r * 2.4}z`, fill});
    default:
      return element('circle', {cx: x, cy: y, r, fill});
  }
}
