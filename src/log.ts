import type { FastifyServerOptions } from 'fastify'
import { stdSerializers } from 'pino'

type LoggerOptions = Exclude<FastifyServerOptions['logger'], boolean | undefined>

/**
 * pino as the service uses it. No line is made of a request's headers or body in the first place; the redaction is
 * for the line that somebody adds without thinking.
 */
export function loggerOptions(level: string): LoggerOptions {
  return {
    level,
    redact: {
      paths: [
        'authorization',
        'email',
        'body',
        '*.authorization',
        '*.email',
        '*.body',
        '*.*.authorization',
        '*.*.email',
        '*.*.body',
      ],
      censor: '[redacted]',
    },
    serializers: { err: serializeError },
  }
}

/** Drizzle's errors quote the statement's parameters, which may be a reader's words; their cause does not. */
function serializeError(error: Error) {
  const { type, message, stack, code } = stdSerializers.err(
    error.cause instanceof Error ? error.cause : error,
  )
  return { type, message, stack, code }
}
