import etag from '@fastify/etag'
import Ajv from 'ajv'
import formats from 'ajv-formats'
import Fastify from 'fastify'
import { STATUS_CODES } from 'node:http'

/** An error that the caller is told: as a problem (RFC 9457), or as `body` where there is one. */
export class ApiError extends Error {
  constructor (status, code, detail, body) {
    super(detail)
    Object.assign(this, { status, code, body })
  }
}

export const notFound = () => new ApiError(404, 'NOT_FOUND', 'nothing has that id')

/** The row, or a 404. */
export const found = (row) => {
  if (!row) throw notFound()
  return row
}

export const invalid = (faults) => Object.assign(
  new ApiError(422, 'INVALID', 'the request does not match its schema'), { faults })

const validators = (coerceTypes) => formats(
  new Ajv({ coerceTypes, useDefaults: true, allErrors: true }), ['uuid', 'date', 'date-time'])

const fault = (part) => ({ instancePath, params, message }) => {
  const path = params.missingProperty ? `${instancePath}/${params.missingProperty}` : instancePath
  return part === 'body' ? { pointer: path, message } : { parameter: path.slice(1), message }
}

const problem = (reply, { status, ...members }) => reply
  .code(status)
  .type('application/problem+json')
  .serializer(JSON.stringify)
  .send({ type: 'about:blank', title: STATUS_CODES[status], status, ...members })

/** A server whose errors are problems; `translate` turns an error of the database into one that the caller is told. */
export async function createServer ({ logger = false, translate }) {
  const app = Fastify({
    logger,
    forceCloseConnections: 'idle',
    schemaErrorFormatter: (errors, part) => invalid(errors.map(fault(part)))
  })
  const [body, parameters] = [validators(false), validators(true)]
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? body : parameters).compile(schema))
  app.setErrorHandler((error, request, reply) => {
    const known = translate(error) ?? error
    if (!(known instanceof ApiError)) {
      if (!(known.statusCode < 500)) request.log.error(known)
      return problem(reply, { status: known.statusCode ?? 500 })
    }
    const { status, code, message: detail, faults } = known
    if (status === 503) reply.header('Retry-After', '1')
    if (known.body) return reply.code(status).type('application/json').send(known.body)
    return problem(reply, { status, detail, code, faults })
  })
  app.setNotFoundHandler((request, reply) => problem(reply, { status: 404 }))
  await app.register(etag)
  return app
}

/** Listen on the loopback until SIGTERM; `close` ends what the server uses. */
export async function serve (app, port, close) {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, async () => {
      await app.close()
      await close()
    })
  }
  await app.listen({ host: '127.0.0.1', port })
}
