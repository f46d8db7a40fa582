import { connect, migrate } from './lib/database.js'
import { keyOf, page, paging } from './lib/pages.js'
import { ApiError, createServer, found, invalid, serve } from './lib/server.js'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const LIST = 'id, title, created_at AS "createdAt"'
const TODO = 'id, list_id AS "listId", title, note, priority, due, done, created_at AS "createdAt"'

const title = { type: 'string', minLength: 1, maxLength: 200 }
const members = {
  title,
  note: { type: ['string', 'null'], maxLength: 2000 },
  priority: { enum: ['low', 'normal', 'high'] },
  due: { type: ['string', 'null'], format: 'date' },
  done: { type: 'boolean' }
}
const createList = { type: 'object', required: ['title'], properties: { title } }
const createTodo = {
  type: 'object',
  required: ['title'],
  properties: {
    title,
    note: { ...members.note, default: null },
    priority: { ...members.priority, default: 'normal' },
    due: { ...members.due, default: null },
    done: { ...members.done, default: false }
  }
}
const changeTodo = { type: 'object', properties: members }
const id = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } }
const todosOfList = { type: 'object', properties: { done: { type: 'boolean' }, ...paging(20, 100) } }

function translate (error) {
  if (error.constraint === 'lists_title_key') {
    return new ApiError(409, 'LIST_EXISTS', 'another list has that title')
  }
  if (/^22...$/.test(error.code)) return invalid([]) // a value PostgreSQL can't hold, such as U+0000 in a text
}

const pool = connect()
const app = await createServer({ translate })

app.post('/lists', { schema: { body: createList } }, async (request, reply) => {
  const { rows } = await pool.query(`INSERT INTO lists (title) VALUES ($1) RETURNING ${LIST}`, [request.body.title])
  return reply.code(201).send(rows[0])
})

app.get('/lists', async () => {
  const { rows } = await pool.query(`SELECT ${LIST} FROM lists ORDER BY id`)
  return rows
})

app.get('/lists/:id', { schema: { params: id } }, async (request) => {
  const { rows } = await pool.query(`SELECT ${LIST} FROM lists WHERE id = $1`, [request.params.id])
  return found(rows[0])
})

app.delete('/lists/:id', { schema: { params: id } }, async (request, reply) => {
  const { rows } = await pool.query('DELETE FROM lists WHERE id = $1 RETURNING id', [request.params.id])
  found(rows[0])
  return reply.code(204).send()
})

app.post('/lists/:id/todos', { schema: { params: id, body: createTodo } }, async (request, reply) => {
  const { title, note, priority, due, done } = request.body
  const { rows } = await pool.query(
    `INSERT INTO todos (list_id, title, note, priority, due, done)
     SELECT lists.id, $2, $3, $4, $5, $6 FROM lists WHERE lists.id = $1 FOR KEY SHARE
     RETURNING ${TODO}`,
    [request.params.id, title, note, priority, due, done]
  )
  return reply.code(201).send(found(rows[0]))
})

app.get('/lists/:id/todos', { schema: { params: id, querystring: todosOfList } }, async (request) => {
  const { done, limit, after } = request.query
  const key = keyOf(after, UUID)
  const { rows: lists } = await pool.query('SELECT FROM lists WHERE id = $1', [request.params.id])
  found(lists[0])
  const { rows } = await pool.query(
    `SELECT ${TODO} FROM todos
     WHERE list_id = $1 AND ($2::boolean IS NULL OR done = $2) AND ($3::uuid IS NULL OR id > $3)
     ORDER BY id LIMIT $4`,
    [request.params.id, done, key, limit + 1]
  )
  return page(rows, limit)
})

app.get('/todos/:id', { schema: { params: id } }, async (request) => {
  const { rows } = await pool.query(`SELECT ${TODO} FROM todos WHERE id = $1`, [request.params.id])
  return found(rows[0])
})

app.put('/todos/:id', { schema: { params: id, body: createTodo } }, async (request) => {
  const { title, note, priority, due, done } = request.body
  const { rows } = await pool.query(
    `UPDATE todos SET title = $2, note = $3, priority = $4, due = $5, done = $6 WHERE id = $1 RETURNING ${TODO}`,
    [request.params.id, title, note, priority, due, done]
  )
  return found(rows[0])
})

app.patch('/todos/:id', { schema: { params: id, body: changeTodo } }, async (request) => {
  const names = Object.keys(members).filter((name) => name in request.body)
  const values = names.map((name) => request.body[name])
  const changes = ['id = id', ...names.map((name, at) => `${name} = $${at + 2}`)]
  const { rows } = await pool.query(
    `UPDATE todos SET ${changes.join(', ')} WHERE id = $1 RETURNING ${TODO}`, [request.params.id, ...values])
  return found(rows[0])
})

app.delete('/todos/:id', { schema: { params: id } }, async (request, reply) => {
  const { rows } = await pool.query('DELETE FROM todos WHERE id = $1 RETURNING id', [request.params.id])
  found(rows[0])
  return reply.code(204).send()
})

await migrate(pool, 'todo')
await serve(app, Number(process.env.PORT ?? 8080), () => pool.end())
