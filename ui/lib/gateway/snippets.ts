export type Snippet = { id: string; title: string; text: string }

/** Ready to paste: the official clients of OpenAI and Anthropic, and curl, asking `model` here. `origin` is that of this page. */
export const snippets = (origin: string, key: string, model: string): Snippet[] => {
  const baseUrl = `${origin}/gateway/openai/v1`
  const named = JSON.stringify(model)
  return [
    {
      id: 'ts',
      title: 'TypeScript',
      text: `import OpenAI from 'openai'

const client = new OpenAI({
  baseURL: '${baseUrl}',
  apiKey: '${key}',
})
const answer = await client.chat.completions.create({
  model: ${named},
  messages: [{ role: 'user', content: 'Hello' }],
})
console.log(answer.choices[0]?.message.content)`,
    },
    {
      id: 'python',
      title: 'Python',
      text: `from openai import OpenAI

client = OpenAI(
    base_url="${baseUrl}",
    api_key="${key}",
)
answer = client.chat.completions.create(
    model=${named},
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`,
    },
    {
      id: 'anthropic',
      title: 'Anthropic',
      text: `import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic({
  baseURL: '${origin}/gateway/anthropic',
  apiKey: '${key}',
})
const answer = await client.messages.create({
  model: ${named},
  max_tokens: 1000,
  messages: [{ role: 'user', content: 'Hello' }],
})
console.log(answer.content)`,
    },
    {
      id: 'curl',
      title: 'curl',
      text: `curl ${baseUrl}/chat/completions \\
  -H 'Authorization: Bearer ${key}' \\
  -H 'Content-Type: application/json' \\
  -d '{"model": ${named}, "messages": [{"role": "user", "content": "Hello"}]}'`,
    },
  ]
}
