import { sql, type Expression, type RawBuilder, type SqlBool } from 'kysely'
import { storable } from '#activities/database.ts'

/** The letters of a text without regard to case, in every alphabet, as the columns that are searched hold them. */
export const lowered = (text: RawBuilder<string>): RawBuilder<string> => sql<string>`lower((${text}) collate pg_c_utf8)`

/** Whether a text that is `lowered` holds each of the words given; one condition for each. */
export const holding = (text: Expression<string> | RawBuilder<string>, words = ''): Expression<SqlBool>[] =>
  words
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => sql<boolean>`strpos(${text}, ${lowered(sql<string>`${storable(word)}::text`)}) > 0`)
