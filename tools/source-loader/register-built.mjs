// As register.mjs, for programs that must see packages as they are published: from their `dist`, not their sources.
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url, { data: { built: true } });
