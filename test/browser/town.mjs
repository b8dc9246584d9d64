// Services of another make on three loopback addresses, which count as machines: each answers its probes, may be ended, and
// may be made to hang.
import { createServer } from 'node:http';

export const machines = ['127.0.0.6', '127.0.0.7', '127.0.0.8'];
const ofTheGateway = ['cart', 'sessions', 'mailer'];
const named = { cart: 3, search: 2, mailer: 1, invoice: 1, sessions: 3 };

async function addInstance(registry, name, machine, more) {
  const instance = { name, machine, isHanging: false };
  const server = createServer((request, response) => {
    request.resume();
    if (instance.isHanging) return;
    response.statusCode = instance.status ?? 200;
    response.end(instance.status ? 'disk full' : '{}');
  });
  await new Promise((resolve) => server.listen(0, machine, resolve));
  instance.url = `http://${machine}:${server.address().port}`;
  instance.end = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  const answer = await fetch(`${registry}/services`, { method: 'POST', body: JSON.stringify({
    ServiceName: name, ServiceURL: instance.url, HeartbeatURL: `${instance.url}/heartbeat`, HeartbeatInterval: '300ms',
    HeartbeatTimeout: '300ms', DeregisterAfter: '1h', ...more }) });
  if (answer.status !== 200) throw new Error(`${name} was not registered: ${answer.status} ${await answer.text()}`);
  return instance;
}

// Thirty services: five with names, the others like them.
export async function buildTown(registry) {
  const instances = [];
  const names = Object.keys(named);
  for (let i = names.length; i < 30; i += 1) names.push(`service-${i}`);
  for (const [k, name] of names.entries())
    for (let i = 0; i < (named[name] ?? 1); i += 1) {
      const more = name === 'cart' ? { RequiredServices: ['sessions', 'search'], Version: '1.8.2' } : { Version: '1.0' };
      if (ofTheGateway.includes(name)) more.Tags = ['gateway'];
      instances.push(await addInstance(registry, name, machines[(k + i) % machines.length], more));
    }
  return {
    instances,
    of: (name) => instances.filter((i) => i.name === name),
    add: async (name, more) => {
      instances.push(await addInstance(registry, name, machines[0], more));
      return instances.at(-1);
    },
    end: () => Promise.all(instances.map((i) => i.end().catch(() => {}))),
  };
}
