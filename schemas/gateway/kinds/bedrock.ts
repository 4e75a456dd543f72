import * as converse from '../wires/converse/index.ts'
import type { ProviderKind } from './kind.ts'

/** Keys of Bedrock's own have no colon; one of AWS is its id and its secret, and a token where it is for a while. */
const isOfAws = (key: string): boolean => key.includes(':')

/** Those of the models that keep prompts ("Prompt caching for faster model inference"); others refuse marks. */
const marked = /\banthropic\.claude-(?:3-5-haiku|3-7|[a-z]+-\d)/

/** As of the Amazon Bedrock API reference: "Converse", "ConverseStream" and "API keys". */
export const bedrock: ProviderKind = {
  title: 'AWS Bedrock',
  about: 'Claude, Nova, Llama and others in your AWS account.',
  baseUrl: null,
  address: 'https://bedrock-runtime.{region}.amazonaws.com',
  key: 'needed',
  aboutKey: 'An API key of Bedrock, or an access key of AWS as id:secret. It is sealed, and never shown again.',
  headers: (key) => (key === null || isOfAws(key) ? {} : { authorization: `Bearer ${key}` }),
  signature: (key) => {
    if (key === null || !isOfAws(key)) return null
    const [accessKeyId = '', secretAccessKey = '', ...token] = key.split(':')
    const sessionToken = token.join(':')
    return { service: 'bedrock', accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) }
  },
  paths: {},
  keepsMarked: (model) => marked.test(model),
  wire: 'converse',
  path: ({ model, stream }) => `/model/${encodeURIComponent(model)}/converse${stream === true ? '-stream' : ''}`,
  write: (dialogue) => converse.writeRequest(dialogue),
  flex: null,
  probe: null,
  prices: 'aws',
}
