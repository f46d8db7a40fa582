import { parseArgs } from 'node:util'

const LEVELS = { debug: 'debug', info: 'info', warning: 'warn', error: 'error' }

/** The settings of the ledger: defaults, the environment, the command line. A fault ends the process and is named. */
export function ledgerSettings () {
  const { values } = parseArgs({ options: { 'component-port': { type: 'string' }, 'log-level': { type: 'string' } } })
  const { COMPONENT_PORT, PORT, LOG_LEVEL, DATABASE_URL } = process.env
  const port = values['component-port'] ?? COMPONENT_PORT ?? PORT ?? '8080'
  const level = values['log-level'] ?? LOG_LEVEL ?? 'info'
  const faults = []
  if (!DATABASE_URL) faults.push('DATABASE_URL: is required')
  if (!/^[0-9]+$/.test(port) || port < 1 || port > 65535) faults.push('COMPONENT_PORT: must be 1 to 65535')
  if (!Object.hasOwn(LEVELS, level)) faults.push(`LOG_LEVEL: must be one of ${Object.keys(LEVELS).join(', ')}`)
  if (faults.length) {
    console.error(faults.join('\n'))
    process.exit(78)
  }
  return { port: Number(port), level: LEVELS[level] }
}
