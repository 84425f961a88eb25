import type {Format, Source} from '../format';
import {openArchitecture} from '../json/format';

/** Keys of a model's config, one of which comes first. They may be quoted and tagged, and whole files may be quoted again. */
const BEGINNING =
  /^\ufeff?(?:\s|#[^\n]*\n|---|%YAML[^\n]*\n|[>|][-+0-9]*\n|["'{]|!!python\/\w+ |\\n)*(?:backend|class_name|config|keras_version)[\\"']*\s*:/;

/** What Keras' `to_yaml` wrote, also as text in YAML or JSON. */
async function yamlOf(source: Source): Promise<unknown> {
  const {parsePythonYaml} = await import('./read');
  const {unwrapped} = await import('../json/wrapped');
  const text = new TextDecoder().decode(source.bytes());
  const read = (inner: string) => parsePythonYaml(inner, source.name, source.limits);
  return unwrapped(read(text), source.name, read);
}

export const kerasYamlFormat: Format = {
  name: 'keras-yaml',
  title: "a Keras model's YAML",
  holds: ['architecture'],
  recognises({head}) {
    const text = new TextDecoder('utf-8', {ignoreBOM: true}).decode(head);
    return BEGINNING.test(text) && text.includes('class_name');
  },
  open: openArchitecture('keras-yaml', yamlOf),
};
