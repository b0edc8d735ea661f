/** What a run's set-up says a second time, in other words. */
const otherNames = [
  ...['TEST_POSTGRES_URI', 'TEST_REDIS_URI'],
  ...['ENDPOINT', 'USE_TLS', 'REGION', 'ACCESS_KEY', 'SECRET_KEY'].map((part) => `TEST_S3_${part}`),
];

/** Does something with other variables, which are put back afterwards. */
export async function withVariables(
  variables: Record<string, string>,
  work: () => Promise<void>,
): Promise<void> {
  const changes = { ...Object.fromEntries(otherNames.map((name) => [name, ''])), ...variables };
  const before = { ...process.env };
  Object.assign(process.env, changes);
  try {
    await work();
  } finally {
    for (const name of Object.keys(changes)) {
      const value = before[name];
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}
