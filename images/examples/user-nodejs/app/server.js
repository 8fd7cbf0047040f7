// Answers with its process number, so that one sees when it is another one; /exit ends it with 7.
'use strict';
const http = require('http');

const server = http.createServer((request, response) => {
    console.log(`${request.method} ${request.url}`);
    response.setHeader('Connection', 'close');
    response.end(`Hello from ${process.pid}\n`, () => {
        if (request.url === '/exit')
            process.exit(7);
    });
});
// docker stop: what has begun may end, then the loop is empty and the code 0
process.on('SIGTERM', () => server.close());
server.listen(process.env.PORT || 8080, () => console.log(`listens on ${server.address().port}`));
