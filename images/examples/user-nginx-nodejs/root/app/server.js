// Says for which host it was asked.
'use strict';
require('http').createServer((request, response) => {
    response.end(`Hello from Node.js, for ${request.headers.host}\n`);
}).listen(3000, '127.0.0.1');
