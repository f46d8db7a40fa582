import { readFile } from 'node:fs/promises'
import pg from 'pg'

pg.types.setTypeParser(pg.types.builtins.INT8, Number)
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text)

const CREATE_VERSIONS = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    version    text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`

export function connect () {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20, connectionTimeoutMillis: 5000 })
  pool.on('error', () => {}) // an idle connection was lost: the next request opens another
  return pool
}

/** Do `work(client)` in one transaction: all of it is committed, or nothing. */
export async function transaction (pool, work) {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    client.release()
    return result
  } catch (error) {
    await client.query('ROLLBACK').then(() => client.release(), (lost) => client.release(lost))
    throw error
  }
}

/** Apply the migration of that name, once; several instances may start at the same time. */
export async function migrate (pool, version) {
  const script = await readFile(new URL(`../migrations/${version}.sql`, import.meta.url), 'utf8')
  await transaction(pool, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('migrations'))")
    await client.query(CREATE_VERSIONS)
    const { rowCount } = await client.query('SELECT FROM schema_migrations WHERE version = $1', [version])
    if (rowCount) return
    await client.query(script)
    await client.query('INSERT INTO schema_migrations (version) VALUES ($1)', [version])
  })
}
