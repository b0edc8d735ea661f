import { ConnectorError } from '@sqlflow/connector-contract';

/** The code of the terminal error that is thrown, or what there is in its place. */
export async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'a success';
  } catch (error) {
    if (!(error instanceof ConnectorError)) return String(error);
    return error.kind === 'terminal' ? error.code : `${error.code}, which is transient`;
  }
}
