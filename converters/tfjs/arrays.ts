import type {io} from '@tensorflow/tfjs-core';
import type {NamedArray, NdArray} from '../arrays';
import {badFormat} from '../format-error';
import {halfToNumber} from '../numbers';
import {storedSize, storedType} from './read';

/**
 * The arrays of a manifest. Quantized ones are read as TensorFlow.js reads them (tfjs-core `io_utils.ts`, decodeWeight):
 * `stored · scale + min`, rounded for int32; float16 as float32.
 *
 * @param data the bytes of all, one after the other
 * @throws CarryoverError `E_FORMAT` for a quantization without its numbers
 */
export function manifestArrays(
  specs: readonly io.WeightsManifestEntry[],
  data: ArrayBuffer,
  where: string,
): NamedArray[] {
  let at = 0;
  return specs.map(spec => {
    const begin = at;
    at += storedSize(spec, where);
    const bytes = data.slice.bind(data, begin, at);
    checkQuantization(spec, where);
    const dtype = spec.dtype === 'int32' || spec.dtype === 'bool' ? spec.dtype : 'float32';
    const read = (): NdArray => ({dtype, shape: spec.shape, values: valuesOf(spec, bytes(), where)});
    return {name: spec.name, dtype, shape: spec.shape, read};
  });
}

function checkQuantization({name, quantization}: io.WeightsManifestEntry, where: string): void {
  if (quantization === undefined || quantization.dtype === 'float16') return;
  if (Number.isFinite(quantization.scale) && Number.isFinite(quantization.min)) return;
  throw badFormat(where, `array '${name}' is quantized without scale and min`);
}

function valuesOf(
  spec: io.WeightsManifestEntry,
  bytes: ArrayBuffer,
  where: string,
): Float32Array | Int32Array | Uint8Array {
  switch (storedType(spec, where)) {
    case 'float32':
      return new Float32Array(bytes);
    case 'int32':
      return new Int32Array(bytes);
    case 'bool':
      return new Uint8Array(bytes);
    case 'float16':
      return Float32Array.from(new Uint16Array(bytes), halfToNumber);
    case 'uint8':
      return restored(spec, new Uint8Array(bytes));
    case 'uint16':
      return restored(spec, new Uint16Array(bytes));
  }
}

function restored(
  {dtype, quantization}: io.WeightsManifestEntry,
  stored: Uint8Array | Uint16Array,
): Float32Array | Int32Array {
  const {scale, min} = quantization as {scale: number; min: number};
  const value = (k: number): number => k * scale + min;
  return dtype === 'int32'
    ? Int32Array.from(stored, k => Math.round(value(k)))
    : Float32Array.from(stored, value);
}
