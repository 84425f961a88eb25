import type {layers} from '@tensorflow/tfjs-layers';

type Weights = layers.Layer['trainableWeights'];
type Inner = Pick<layers.Layer, 'trainableWeights' | 'nonTrainableWeights'>;

/** The trained weights of a layer that holds others, theirs one after another; none where it is frozen. */
export function trainedOf(trainable: boolean, inner: readonly Inner[]): Weights {
  return trainable ? inner.flatMap(layer => layer.trainableWeights) : [];
}

/** The other weights of a layer that holds others: all of them where it is frozen, the trained ones first. */
export function untrainedOf(trainable: boolean, inner: readonly Inner[]): Weights {
  const frozen = trainable ? [] : inner.flatMap(layer => layer.trainableWeights);
  return [...frozen, ...inner.flatMap(layer => layer.nonTrainableWeights)];
}

type Losses = layers.Layer['losses'];
type Losing = Pick<layers.Layer, 'losses'> & {readonly layers?: readonly Losing[]};

/** What the weights of a layer that holds others cost: tfjs asks the layers of a model alone, and those of a model inside. */
export function lossesOf(inner: readonly Losing[]): Losses {
  return inner.flatMap(layer => (layer.layers ? lossesOf(layer.layers) : layer.losses));
}
