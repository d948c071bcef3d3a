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

/** Of an error, its cause, which names the fault. Drizzle's and the drivers' own messages quote a statement's values. */
function serializeError(error: Error) {
  const { type, message, stack, code } = stdSerializers.err(
    error.cause instanceof Error ? error.cause : error,
  )
  return { type, message: withoutValues(message), stack: withoutValues(stack), code }
}

/** Cuts out what may be a reader's: the list of a statement's parameters, and whatever looks like an address. */
function withoutValues(text: string): string {
  return text
    .replaceAll(/\nparams: [^]*?(?=\n {4}at |$)/g, '\nparams: [redacted]')
    .replaceAll(/[^\s"'`(),:;<>@[\]\\/]+@[^\s"'`(),:;<>@[\]\\/]+/g, '[redacted]')
}
