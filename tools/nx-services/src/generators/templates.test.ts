import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtInServices } from '@sqlflow/service-runtime';
import { templates } from './templates.js';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

test.each(builtInServices)(
  'the compose file that others get for %s is the one that is tested here',
  (service) => {
    const read = (folder: string): string =>
      readFileSync(join(folder, 'docker', service, 'compose.yml'), 'utf8');
    expect(read(templates)).toBe(read(repository));
  },
);
