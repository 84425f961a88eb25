import type {WrittenFile, WrittenSignature} from '../format';
import type {GraphDef} from '../graph-def/graph';
import {graphProto} from '../graph-def/write';
import {SavedModel} from '../protobuf/tensorflow/meta-graph';
import {writeMessage} from '../protobuf/write';

/**
 * A graph without variables as a SavedModel with one signature, `serving_default`, under the tag `serve`, as TensorFlow
 * Serving, `tf.saved_model.load` and its forerunners of 1.x load it. Source: tensorflow/core/protobuf/saved_model.proto,
 * python/saved_model/{constants,tag_constants,signature_constants}.py of 1.15.5 and 2.15.
 */
export function savedModelFiles(graph: GraphDef, {inputs, outputs}: WrittenSignature): WrittenFile[] {
  const metaGraph = {
    metaInfoDef: {tags: ['serve'], tensorflowVersion: '1.15.5'},
    graphDef: graphProto(graph),
    signatureDef: new Map([['serving_default', {inputs, outputs, methodName: 'tensorflow/serving/predict'}]]),
  };
  const bytes = writeMessage(SavedModel, {savedModelSchemaVersion: 1, metaGraphs: [metaGraph]});
  return [{name: 'saved_model.pb', bytes}];
}
