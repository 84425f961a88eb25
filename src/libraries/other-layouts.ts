import type {Bidirectional} from '../layers/bidirectional';
import type {StatefulLayer} from '../layers/stateful-layer';
import type {BuiltLayer} from './built';

/** What a recurrent layer makes of arrays in other layouts than its own. */
export const otherLayouts = (
  layer: StatefulLayer | Bidirectional,
): Pick<BuiltLayer, 'fromOther' | 'gradientsOfOther'> => ({
  fromOther: arrays => layer.fromOtherArrays(arrays),
  gradientsOfOther: (gradients, shapes) => layer.gradientsOfOther(gradients, shapes),
});
