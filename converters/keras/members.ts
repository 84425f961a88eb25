/** The members of a `.keras`, in the order in which Keras writes them (saving_lib.py); `assets/` may follow. */
export const METADATA = 'metadata.json';
export const ARCHITECTURE = 'config.json';
export const WEIGHTS = 'model.weights.h5';
