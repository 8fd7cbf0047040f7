// The application of the demo: greets, says which process it is, and ends when it is asked to.
'use strict';
const fs = require('fs');
const http = require('http');

let requests = 0;

const server = http.createServer((request, response) => {
    requests += 1;
    response.setHeader('Content-Type', 'text/plain');
    if (request.url === '/quit') {
        // 42 is a code that etc/services.d/app/finish knows
        response.end('good bye\n', () => setTimeout(() => process.exit(42), 20));
        return;
    }
    response.end(`${process.env.GREETING}: I am process ${process.pid}, and this is request ${requests}\n`);
});

server.listen(3000, '127.0.0.1', () => {
    // a newline on the descriptor that the file notification-fd names: ready to serve
    fs.writeSync(3, '\n');
});
process.on('SIGTERM', () => process.exit(0));
