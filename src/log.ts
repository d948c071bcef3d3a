import type { FastifyServerOptions } from 'fastify'
import { stdSerializers } from 'pino'
import { withoutAddresses } from './domain/text.ts'

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

/** Of an error, the first cause, which names the fault. Drizzle's and the drivers' messages quote a statement's values. */
function serializeError(error: unknown): LoggedError {
  if (!(error instanceof Error))
    return { type: typeof error, message: withoutAddresses(String(error)), stack: '' }
  if (error.cause instanceof Error) return serializeError(error.cause)
  const { type, message, stack, code } = stdSerializers.err(error)
  const told = withoutAddresses(message.replace(/\nparams: .*$/s, '\nparams: [redacted]'))
  return { type, message: told, stack: withoutAddresses(stack.replace(message, () => told)), code }
}

type LoggedError = { type: string; message: string; stack: string; code?: unknown }
