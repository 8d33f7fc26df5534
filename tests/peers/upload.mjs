// Uploads files with tus-js-client, as a page or an app that is not ours would.
//
// The first argument is JSON:
//   files        paths; each is one upload, all at once
//   terminate    instead of files: the address of an upload to end
//   tokens       bearer tokens; a 401 makes the client go on to the next one, as if it had refreshed it
//   remembers    a file that keeps the addresses of unfinished uploads over the end of this process
//   pauses       the offset at which it waits for a line on its input: a token that is new, or nothing
//   stream       send the files as streams of unknown length
//   options      of tus.Upload
// Every line of the output is JSON: {"event": "request" | "answer" | "address" | "chunk" | "success" | "error", …}.

import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { PassThrough } from 'node:stream'
import * as tus from 'tus-js-client'

const given = JSON.parse(process.argv[2])
const tokens = [...given.tokens]

function tell(event, facts = {}) {
  process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`)
}

function told(error) {
  const answer = error.originalResponse
  return { message: error.message, status: answer?.getStatus() ?? null, body: answer?.getBody() ?? '' }
}

const common = {
  retryDelays: [20, 50, 100, 200, 400, 400, 400, 400, 400, 400],
  ...(given.remembers && { urlStorage: new tus.FileUrlStorage(given.remembers) }),
  ...given.options,
  async onBeforeRequest(request) {
    if (given.pauses && request.getHeader('Upload-Offset') === given.pauses) {
      delete given.pauses
      tell('paused')
      const [line] = await once(process.stdin, 'data')
      process.stdin.pause()
      if (line.toString().trim()) tokens.push(line.toString().trim())
    }
    request.setHeader('Authorization', `Bearer ${tokens[0]}`)
    tell('request', { method: request.getMethod(), offset: request.getHeader('Upload-Offset') ?? null })
  },
  onAfterResponse(request, answer) {
    tell('answer', { method: request.getMethod(), status: answer.getStatus() })
  },
  onShouldRetry(error) {
    const status = error.originalResponse?.getStatus() ?? 0
    if (status === 401 && tokens.length > 1) {
      tokens.shift()
      return true
    }
    return status < 400 || status >= 500 || status === 409 || status === 423
  },
}

async function send(path) {
  const file = given.stream ? createReadStream(path).pipe(new PassThrough()) : createReadStream(path)
  const upload = new tus.Upload(file, {
    metadata: { filename: basename(path) },
    ...common,
    onUploadUrlAvailable: () => tell('address', { path, url: upload.url }),
    onChunkComplete: (size, accepted) => tell('chunk', { path, size, accepted }),
    onSuccess: () => tell('success', { path, url: upload.url }),
    onError: (error) => tell('error', { path, ...told(error) }),
  })
  if (given.remembers) {
    const [previous] = await upload.findPreviousUploads()
    if (previous) upload.resumeFromPreviousUpload(previous)
  }
  upload.start()
}

if (given.terminate) {
  try {
    await tus.Upload.terminate(given.terminate, common)
    tell('success', { url: given.terminate })
  } catch (error) {
    tell('error', told(error))
  }
} else {
  await Promise.all(given.files.map(send))
}
