/* What foreign.bats lets Node.js do over loopback: each line of output is one thing that came out as it had to. The
 * same program is its own child, see `asChild`. */
'use strict';
const assert = require('assert');
const childProcess = require('child_process');
const dgram = require('dgram');
const http = require('http');
const net = require('net');

const BODY = Buffer.alloc(1 << 20);
for (let i = 0; i < BODY.length; i++)
    BODY[i] = i * 7 + (i >> 8);

const once = (emitter, event) => new Promise((resolve, reject) => {
    emitter.once(event, resolve);
    if (event !== 'error')
        emitter.once('error', reject);
});

const readAll = stream => new Promise((resolve, reject) => {
    const parts = [];
    stream.on('data', part => parts.push(part));
    stream.on('end', () => resolve(Buffer.concat(parts)));
    stream.on('error', reject);
});

const listen = async (server, host) => {
    server.listen(0, host);
    await once(server, 'listening');
    return server.address().port;
};

const close = server => new Promise(resolve => server.close(resolve));

/* Its server must let the client close first, after all of the answer. */
const echo = async (host, clients) => {
    const server = net.createServer({allowHalfOpen: true}, socket => socket.pipe(socket));
    const port = await listen(server, host);
    await Promise.all(Array.from({length: clients}, async () => {
        const socket = net.connect({port, host, allowHalfOpen: true});
        await once(socket, 'connect');
        assert.strictEqual(socket.remotePort, port);
        socket.end(BODY);
        assert(BODY.equals(await readAll(socket)));
    }));
    await close(server);
};

const refused = async () => {
    const server = net.createServer();
    const port = await listen(server, '127.0.0.1');
    await close(server);
    assert.strictEqual((await once(net.connect(port, '127.0.0.1'), 'error')).code, 'ECONNREFUSED');
};

const inUse = async () => {
    const server = net.createServer();
    const port = await listen(server, '127.0.0.1');
    assert.strictEqual((await once(net.createServer().listen(port, '127.0.0.1'), 'error')).code, 'EADDRINUSE');
    await close(server);
};

const get = (port, path, agent) => new Promise((resolve, reject) => {
    const request = http.request({host: '127.0.0.1', port, path, agent, method: 'POST'}, response =>
        readAll(response).then(body => resolve({response, body}), reject));
    request.on('error', reject);
    request.end(BODY);
});

/* Three requests on one connection. */
const requests = async () => {
    const server = http.createServer(async (request, response) => {
        const body = await readAll(request);
        response.setHeader('x-path', request.url);
        response.end(body);
    });
    const agent = new http.Agent({keepAlive: true, maxSockets: 1});
    let connections = 0;
    server.on('connection', () => connections++);
    const port = await listen(server, '127.0.0.1');
    for (const path of ['/one', '/two', '/three']) {
        const {response, body} = await get(port, path, agent);
        assert.strictEqual(response.statusCode, 200);
        assert.strictEqual(response.headers['x-path'], path);
        assert(BODY.equals(body));
    }
    assert.strictEqual(connections, 1);
    agent.destroy();
    await close(server);
};

const datagrams = async () => {
    const [one, two] = [dgram.createSocket('udp4'), dgram.createSocket('udp4')];
    one.bind(0, '127.0.0.1');
    await once(one, 'listening');
    one.on('message', (message, from) => one.send(message, from.port, from.address));
    for (const size of [1, 512, 8192]) {
        const answered = once(two, 'message');
        two.send(BODY.slice(0, size), one.address().port, '127.0.0.1');
        assert(BODY.slice(0, size).equals(await answered));
    }
    one.close();
    two.close();
};

/* The child connects to this process, through its own sockets. */
const child = async () => {
    const server = net.createServer({allowHalfOpen: true});
    const port = await listen(server, '127.0.0.1');
    const started = childProcess.spawn(process.execPath, [__filename, 'connect', port], {stdio: ['pipe', 'pipe', 'inherit']});
    const exited = once(started, 'exit');
    const output = readAll(started.stdout);
    started.stdin.end('through a pipe');
    const socket = await once(server, 'connection');
    socket.end(await readAll(socket));
    assert.strictEqual(String(await output), 'through a pipe');
    assert.strictEqual(await exited, 5);
    await close(server);
};

/* The child answers on a socket, and on a listening one, that this process made (WSADuplicateSocket). */
const handedOver = async () => {
    const started = childProcess.fork(__filename, ['serve']);
    const exited = once(started, 'exit');
    const server = net.createServer({pauseOnConnect: true});
    const port = await listen(server, '127.0.0.1');
    const client = net.connect({port, host: '127.0.0.1', allowHalfOpen: true});
    started.send('socket', await once(server, 'connection'));
    client.end('handed over');
    assert.strictEqual(String(await readAll(client)), 'handed over');
    await close(server);
    started.disconnect();
    assert.strictEqual(await exited, 0);
};

const asChild = {
    connect: port => {
        const socket = net.connect({port, host: '127.0.0.1'});
        process.stdin.pipe(socket).pipe(process.stdout);
        process.exitCode = 5;
    },
    serve: () => process.on('message', (message, socket) => socket.pipe(socket)),
};

const all = {
    'TCP echo': () => echo('127.0.0.1', 1),
    'TCP echo, 50 at once': () => echo('127.0.0.1', 50),
    'TCP echo over IPv6': () => echo('::1', 2),
    'connection refused': refused,
    'address in use': inUse,
    'HTTP requests': requests,
    'UDP echo': datagrams,
    'child process': child,
    'socket handed to a child': handedOver,
};

const main = async () => {
    for (const name of Object.keys(all)) {
        await all[name]();
        console.log(name);
    }
};

if (process.argv.length > 2)
    asChild[process.argv[2]](process.argv[3]);
else
    main().catch(error => {
        console.error(error);
        process.exit(1);
    });
