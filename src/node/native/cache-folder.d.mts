import type {Environment} from './process';

/** The folder that set-up keeps its downloads and builds in, shared by all projects of a user. */
export function cacheFolder(env: Environment): string;
