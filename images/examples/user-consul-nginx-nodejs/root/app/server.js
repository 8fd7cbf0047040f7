// Says hello, and pong to Consul.
'use strict';
require('http').createServer((request, response) => response.end(request.url === '/ping' ? 'pong\n' : 'Hello from Node.js\n')).listen(8080);
