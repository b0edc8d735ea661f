// Starts PostgreSQL and Redis by testcontainers, on the images of the compose files, and prints how many milliseconds it
// took until both had answered a query. Its modules are loaded before the clock starts, as ours are.
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { GenericContainer } from 'testcontainers';
import { ping, selectOne } from './first-query.js';

const images = {
  postgres: process.env['POSTGRES_IMAGE'] ?? 'postgres:15.14',
  redis: process.env['REDIS_IMAGE'] ?? 'redis:7.2.7-alpine',
};

const begin = performance.now();
const started = await Promise.all([
  (async () => {
    const container = await new PostgreSqlContainer(images.postgres).start();
    await selectOne({
      host: container.getHost(),
      port: container.getPort(),
      user: container.getUsername(),
      password: container.getPassword(),
      database: container.getDatabase(),
    });
    return container;
  })(),
  (async () => {
    const container = await new GenericContainer(images.redis).withExposedPorts(6379).start();
    await ping({ host: container.getHost(), port: container.getMappedPort(6379) });
    return container;
  })(),
]);
console.log(String(performance.now() - begin));
await Promise.all(started.map((container) => container.stop()));
