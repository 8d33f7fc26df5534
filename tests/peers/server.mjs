// A tus server that is not ours, to measure against: node server.mjs FOLDER; prints its port.
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'
import http from 'node:http'

const tus = new Server({ path: '/files', datastore: new FileStore({ directory: process.argv[2] }) })
const server = http.createServer((request, response) => tus.handle(request, response))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
