/** Jest's `preset: '@sqlflow/test-harness'`. */
declare const preset: {
  readonly globalSetup: string;
  readonly globalTeardown: string;
  readonly testEnvironment: string;
};
export default preset;
