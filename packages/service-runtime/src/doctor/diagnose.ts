import { existsSync } from 'node:fs';
import { ServiceFailure } from '../failure/service-failure.js';
import { type Host, thisHost } from '../host.js';
import { type Choice, chooseProviders } from '../lease/choose-provider.js';
import { isPortFree } from '../network/ports.js';
import { portOwner } from '../network/port-owner.js';
import { readComposeFile } from '../service/docker/compose-file.js';
import { findDocker } from '../service/docker/find-docker.js';
import { isImagePresent } from '../service/docker/image.js';
import { endpointVariables } from '../service/endpoint-variables.js';
import { checkExternal } from '../service/external/external-check.js';
import { missingLauncher } from '../service/launch-failure.js';
import type { ProviderName } from '../service/running-service.js';
import type { ServiceDefinition } from '../service/service-definition.js';
import type { ServiceName } from '../service/service-name.js';
import { hostAndPort } from '../service/variables.js';
import { composeVariables } from '../workspace/compose-variables.js';
import { composeFile, knownServices, loadService } from '../workspace/workspace-services.js';

/** Whether one provider can give one service here, and what to do if not. */
export interface Diagnosis {
  readonly service: ServiceName;
  readonly provider: ProviderName;
  readonly available: boolean;
  /** Whether this provider is the one that a run would use. */
  readonly chosen: boolean;
  /** What was found, or what is missing. */
  readonly detail: string;
  /** The command that makes it available. */
  readonly next?: string;
}

type Finding = Pick<Diagnosis, 'available' | 'detail' | 'next'>;

const neverAborted = new AbortController().signal;

/** Looks at every service and provider. Starts and changes nothing. @throws ServiceFailure `INVALID_OPTION` */
export async function diagnose(
  workspaceRoot: string,
  host: Host = thisHost(),
  signal: AbortSignal = neverAborted,
): Promise<Diagnosis[]> {
  chooseProviders([], workspaceRoot, host); // refuses a provider that there is none of
  const diagnoses = knownServices(workspaceRoot).map((service) =>
    diagnoseService(service, workspaceRoot, host, signal),
  );
  return (await Promise.all(diagnoses)).flat();
}

async function diagnoseService(
  service: ServiceName,
  workspaceRoot: string,
  host: Host,
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const choose = (definition: ServiceDefinition, provider?: string): Choice | undefined =>
    chooseProviders([definition], workspaceRoot, host, provider)[0];
  const forced = host.environment['SERVICES_PROVIDER'] || 'auto';
  try {
    const definition = await loadService(workspaceRoot, service);
    // What the variables name is looked at even where it would not be used.
    const choice = choose(definition, 'auto');
    const chosen = forced === 'auto' ? choice?.provider : forced;
    const findings: Readonly<Record<string, Finding>> = {
      local: await looked(() => findLocal(definition, host)),
      docker: await looked(() => findContainer(definition, workspaceRoot, host, signal)),
      external: await looked(() => findExternal(definition, choice?.external, signal)),
    };
    return (['local', 'docker', 'external'] as const).flatMap((provider) => {
      const finding = findings[provider];
      return finding === undefined ? [] : [{ service, provider, chosen: chosen === provider, ...finding }];
    });
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    return [{ service, provider: 'local', chosen: true, ...summaryOf(error) }];
  }
}

async function looked(look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    return summaryOf(error);
  }
}

async function findLocal({ name, local, standardPort }: ServiceDefinition, host: Host): Promise<Finding> {
  if (local === undefined) throw missingLauncher(name);
  const found = local.locate(host);
  const port = (await isPortFree(standardPort))
    ? `port ${String(standardPort)} is free`
    : `port ${String(standardPort)} is taken (${portOwner(standardPort)}), another would be used`;
  return { available: true, detail: `${found}; ${port}` };
}

async function findContainer(
  { name, standardPort }: ServiceDefinition,
  workspaceRoot: string,
  host: Host,
  signal: AbortSignal,
): Promise<Finding> {
  const file = composeFile(workspaceRoot, name);
  if (!existsSync(file)) return { available: false, detail: `${file} is not there` };
  const { command, engine } = await findDocker(host, signal);
  const { images } = readComposeFile(file, name, standardPort, composeVariables(file, host.environment));
  const present = await Promise.all(images.map((image) => isImagePresent(command, image, signal)));
  const described = images.map(
    (image, index) => `${image} ${present[index] === true ? 'is here' : 'will be pulled'}`,
  );
  return { available: true, detail: `Docker ${engine.version}; ${described.join(', ')}` };
}

async function findExternal(
  definition: ServiceDefinition,
  external: Choice['external'],
  signal: AbortSignal,
): Promise<Finding> {
  if (external === undefined) {
    const [variable] = endpointVariables(definition.name).locating;
    return { available: false, detail: `${variable} is not set`, next: `export ${variable}=…` };
  }
  const { endpoint, variable } = external;
  const { version } = await checkExternal(definition, endpoint, variable, signal);
  return { available: true, detail: `${version} at ${hostAndPort(endpoint)}` };
}

function summaryOf({ report }: ServiceFailure): Finding {
  const [next] = report.next;
  const detail = [report.summary, ...report.evidence].join(' ');
  return { available: false, detail, ...(next !== undefined && { next }) };
}
