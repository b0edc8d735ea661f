import { defineTemplate } from '@sqlflow/test-harness';
import { createTables, fillTables } from './schema.js';

export const shop = defineTemplate({
  name: 'bench',
  // With its text, so that another schema is another template.
  setUp: async ({ query }) => {
    await query(createTables);
    await query(fillTables);
  },
});
