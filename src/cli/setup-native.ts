import {setupNative} from '../node/native';
import {JSON_OPTION, parse, usage} from './args';
import type {Outcome} from './outcome';
import {print, printJson} from './output';

/** `carryover setup-native [--gpu]`: exit status 1 where the native backend cannot be had. */
export async function setUpNative(args: readonly string[]): Promise<Outcome> {
  const {values, positionals} = parse('setup-native', args, {gpu: {type: 'boolean'}, ...JSON_OPTION});
  if (positionals.length > 0) throw usage('setup-native', `'${positionals[0]}' is one argument too many`);
  const status = await setupNative({gpu: values.gpu});
  if (values.json) printJson(status);
  else if (status.available) {
    const {tensorflow, version, gpu} = status;
    print(
      `native backend ready: TensorFlow ${tensorflow}${gpu ? ' with GPU kernels' : ''}, tfjs-node ${version}`,
    );
  } else {
    print(`native backend not available: ${status.reason}; everything runs on the embedded engine instead`);
  }
  return status.available ? 0 : 1;
}
