import { invalid } from './server.js'

/** The schema of `?limit=&after=`. */
export const paging = (standard, maximum) => ({
  limit: { type: 'integer', minimum: 1, maximum, default: standard },
  after: { type: 'string' }
})

/** The first `limit` of `rows`, of which one more was asked for to know whether there are more. */
export function page (rows, limit) {
  const items = rows.slice(0, limit)
  const next = rows.length > limit ? Buffer.from(`${items.at(-1).id}`).toString('base64url') : null
  return { items, next }
}

/** The key in a cursor, or undefined without one. */
export function keyOf (cursor, pattern) {
  if (cursor === undefined) return undefined
  const key = Buffer.from(cursor, 'base64url').toString()
  if (!pattern.test(key)) throw invalid([{ parameter: 'after', message: 'is no cursor of this list' }])
  return key
}
