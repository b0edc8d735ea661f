/** Jest's `preset: '@sqlflow/test-harness'`. */
declare const preset: { readonly globalSetup: string; readonly globalTeardown: string };
export default preset;
