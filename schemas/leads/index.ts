import { readAdf } from './adf.ts'
import { decodeBody } from './bytes.ts'
import { looksLikeAdf } from './document.ts'
import { readJson } from './json.ts'
import type { Lead as LeadType, Note as NoteType } from './lead.ts'
import { Notebook } from './notes.ts'

export { JsonLead } from './json.ts'
export { bounds } from './lead.ts'
export { readByRules } from './rules.ts'
export { Lead, LeadReading } from './shape.ts'

export type ParsedLead = { lead: LeadType; notes: NoteType[] }

const maxBody = 2_000_000

/**
 * Reads a lead out of a webhook's body: a JSON lead, or ADF 1.0 with what providers get wrong forgiven and
 * noted. The body decides over a content type that is wrong or absent.
 * @throws Fault `lead_malformed` with `issues` and `position {line, column}` where a place is known
 */
export const parseLead = (body: string, contentType?: string | null): ParsedLead => {
  const book = new Notebook(body)
  if (body.length > maxBody) throw book.refuse(`The body has more than ${maxBody} characters.`, null)
  const start = /[^\s\ufeff]/.exec(body)
  if (!start) throw book.refuse('The body is empty.', null)
  const says = { json: /\bjson\b/i.test(contentType ?? ''), xml: /\b(?:xml|adf)\b/i.test(contentType ?? '') }
  const opensJson = start[0] === '{' || start[0] === '['
  const json = opensJson ? !says.xml || !looksLikeAdf(body) : says.json && !looksLikeAdf(body)
  const { lead, notes } = json ? readJson(body.replace(/^\ufeff/, '')) : readAdf(body)
  if (json ? !says.json : !says.xml)
    notes.push({
      code: 'content_type_wrong',
      message: `The content type does not say ${json ? 'JSON' : 'XML'}; the body does.`,
      line: null,
      column: null,
    })
  return { lead, notes }
}

/** `parseLead` of a raw body: decodes UTF-8, UTF-16, Latin-1 and what else the document declares. */
export const parseLeadBytes = (bytes: Uint8Array, contentType?: string | null): ParsedLead => {
  const { text, notes } = decodeBody(bytes, contentType)
  const parsed = parseLead(text, contentType)
  return { lead: parsed.lead, notes: [...notes, ...parsed.notes] }
}

/**
 * By what a lead sent again is recognised under another webhook id: provider, who gave the id, and the id.
 * @returns null where the provider gives its leads no id
 */
export const dedupeKey = ({ provider, leadIdSource, leadId }: LeadType): string | null =>
  leadId === null
    ? null
    : [provider.name, leadIdSource ?? '', leadId]
        .map((part) => part.toLowerCase().replaceAll(/[%|]/g, encodeURIComponent))
        .join('|')
