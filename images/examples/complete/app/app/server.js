// One of several: says who it is, and how often this session's user was here. The session is in Redis, which is found by its
// name in Consul at each request, so that any of us can serve any request.
'use strict';
const http = require('http');
const net = require('net');
const os = require('os');
const crypto = require('crypto');

// ask(word...): one command to Redis; calls back with its answer, without the sign in front
function ask(words, done) {
    const socket = net.connect({ host: 'redis.service.consul', port: 6379 });
    let answer = '';
    const end = (error, text) => {
        socket.destroy();
        done(error, text);
        done = () => {};
    };
    socket.setTimeout(2000, () => end(new Error('Redis does not answer')));
    socket.on('error', (error) => end(error));
    socket.on('connect', () => socket.write(`*${words.length}\r\n` + words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')));
    socket.on('data', (data) => {
        answer += data;
        if (answer.endsWith('\r\n'))
            end(answer[0] === '-' ? new Error(answer.slice(1).trim()) : null, answer.slice(1).trim());
    });
}

http.createServer((request, response) => {
    if (request.url === '/ping') {
        response.end('pong\n');
        return;
    }
    const cookie = /(?:^|;\s*)session=([0-9A-Za-z-]{1,64})/.exec(request.headers.cookie || '');
    const session = cookie ? cookie[1] : crypto.randomBytes(16).toString('hex');
    ask(['INCR', `session:${session}`], (error, visits) => {
        response.statusCode = 200;
        response.setHeader('Content-Type', 'text/plain; charset=utf-8');
        response.setHeader('Set-Cookie', `session=${session}; HttpOnly; Path=/`);
        response.end(`app: ${os.hostname()}\n` + (error ? `no sessions: ${error.message}\n` : `visits: ${visits}\n`));
    });
}).listen(8080);

process.on('SIGTERM', () => process.exit(0));
