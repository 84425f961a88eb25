export {loadNativeBackend, type NativeBackend, type TfjsNodeModule} from './load';
export {type SetupNativeOptions, setupNative} from './setup';
export {type NativeStatus, nativeStatus} from './status';
