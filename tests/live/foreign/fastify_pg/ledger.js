import { connect, migrate, transaction } from './lib/database.js'
import { keyOf, page, paging } from './lib/pages.js'
import { ApiError, createServer, found, invalid, serve } from './lib/server.js'
import { ledgerSettings } from './lib/ledger_settings.js'

const MOST = 1_000_000_000_000
const NUMBER = /^[0-9]{1,15}$/

const uuid = { type: 'string', format: 'uuid' }
const openAccount = {
  type: 'object',
  required: ['name', 'currency'],
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 100 },
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    balance: { type: 'integer', minimum: 0, maximum: MOST, default: 0 }
  }
}
const newTransfer = {
  type: 'object',
  required: ['source', 'target', 'amount'],
  properties: {
    source: uuid,
    target: uuid,
    amount: { type: 'integer', minimum: 1, maximum: MOST },
    reference: { type: ['string', 'null'], maxLength: 140, default: null }
  }
}
const id = { type: 'object', properties: { id: uuid } }
const statement = {
  type: 'object',
  properties: { since: { type: 'string', format: 'date-time' }, ...paging(50, 500) }
}

// Classes of SQLSTATE (connection, rollback, resources, intervention), and what node-postgres says by itself.
const UNAVAILABLE = /^(08|40|53|57)...$|^E[A-Z]+$/
const LOST = /timeout exceeded when trying to connect|connection terminated|not queryable/i

function translate (error) {
  if (error.constraint === 'accounts_name_key') return new ApiError(409, 'ACCOUNT_EXISTS', 'the name is taken')
  if (/^22...$/.test(error.code)) return invalid([]) // a value PostgreSQL can't hold, such as U+0000 in a text
  if (error instanceof ApiError) return error
  if (UNAVAILABLE.test(error.code) || LOST.test(error.message)) {
    return new ApiError(503, 'TRY_AGAIN', 'the database cannot answer now')
  }
}

/** Two entries that sum to zero; both accounts are locked in the order of their keys, so that nobody deadlocks. */
async function transfer (client, { amount, reference, ...between }) {
  const [source, target] = [between.source, between.target].map((key) => key.toLowerCase())
  const { rows } = await client.query(
    'SELECT id, currency, balance FROM accounts WHERE id = ANY($1) ORDER BY id FOR UPDATE', [[source, target]])
  const accounts = [source, target].map((key) => {
    const account = rows.find(({ id }) => id === key)
    if (!account) throw new ApiError(404, '', '', { code: 'ACCOUNT_NOT_FOUND', account: key })
    return account
  })
  if (accounts[0].currency !== accounts[1].currency) {
    throw new ApiError(409, 'CURRENCIES_DIFFER', 'the accounts are of different currencies')
  }
  const { balance } = accounts[0]
  if (balance < amount) throw new ApiError(409, '', '', { code: 'INSUFFICIENT_FUNDS', balance, amount })
  const { rows: [made] } = await client.query(
    'INSERT INTO transfers (source, target, amount, reference) VALUES ($1, $2, $3, $4) RETURNING *',
    [source, target, amount, reference])
  await client.query(
    'INSERT INTO entries (transfer_id, account_id, amount) VALUES ($1, $2, -$4::bigint), ($1, $3, $4)',
    [made.id, source, target, amount])
  await client.query(
    `UPDATE accounts SET balance = balance + CASE WHEN id = $1 THEN -$3::bigint ELSE $3 END
     WHERE id IN ($1, $2) AND $1::uuid <> $2::uuid`,
    [source, target, amount])
  return made
}

const { port, level } = ledgerSettings()
const pool = connect()
const app = await createServer({ logger: { level }, translate })

app.post('/accounts', { schema: { body: openAccount } }, async (request, reply) => {
  const { name, currency, balance } = request.body
  const { rows } = await pool.query(
    'INSERT INTO accounts (name, currency, balance) VALUES ($1, $2, $3) RETURNING *', [name, currency, balance])
  return reply.code(201).send(rows[0])
})

app.get('/accounts/:id', { schema: { params: id } }, async (request) => {
  const { rows } = await pool.query('SELECT * FROM accounts WHERE id = $1', [request.params.id])
  return found(rows[0])
})

app.post('/transfers', { schema: { body: newTransfer } }, async (request, reply) => {
  const made = await transaction(pool, (client) => transfer(client, request.body))
  return reply.code(201).send(made)
})

app.get('/transfers/:id', { schema: { params: id } }, async (request) => {
  const { rows } = await pool.query('SELECT * FROM transfers WHERE id = $1', [request.params.id])
  return found(rows[0])
})

app.get('/accounts/:id/statement', { schema: { params: id, querystring: statement } }, async (request) => {
  const { since, limit, after } = request.query
  const key = keyOf(after, NUMBER)
  const { rows: accounts } = await pool.query('SELECT FROM accounts WHERE id = $1', [request.params.id])
  found(accounts[0])
  const { rows } = await pool.query(
    `SELECT id, transfer_id, amount, made_at FROM entries
     WHERE account_id = $1
       AND ($2::timestamptz IS NULL OR made_at >= $2)
       AND ($3::bigint IS NULL OR id < $3)
     ORDER BY id DESC LIMIT $4`,
    [request.params.id, since, key, limit + 1])
  return page(rows, limit)
})

app.get('/trial-balance', async () => {
  const { rows } = await pool.query(
    `SELECT currency, sum(balance)::bigint AS accounts, coalesce(sum(moved), 0)::bigint AS entries
     FROM accounts
     LEFT JOIN (SELECT account_id, sum(amount) AS moved FROM entries GROUP BY account_id) moves
       ON moves.account_id = accounts.id
     GROUP BY currency
     ORDER BY currency`)
  return rows
})

await migrate(pool, 'ledger')
await serve(app, port, () => pool.end())
