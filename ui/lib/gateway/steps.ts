import { to } from '../paths.ts'

export type Step = {
  id: 'provider' | 'route' | 'key' | 'request'
  title: string
  about: string
  href: string
  done: boolean
}
export type Known = { providers: number; routes: number; keys: number; requests: number }

/** From nothing to the first answer, in order. */
export const firstSteps = ({ providers, routes, keys, requests }: Known): Step[] => [
  {
    id: 'provider',
    title: 'Add a provider',
    about: 'Who answers: OpenAI, or a server of your own.',
    href: to.models('providers'),
    done: providers > 0,
  },
  {
    id: 'route',
    title: 'Add a route',
    about: 'A name to ask for, and the models behind it.',
    href: to.models('routes'),
    done: routes > 0,
  },
  {
    id: 'key',
    title: 'Create a key',
    about: 'What your program calls with.',
    href: to.models('keys'),
    done: keys > 0,
  },
  {
    id: 'request',
    title: 'Send a request',
    about: 'Paste the snippet that comes with the key.',
    href: to.models('keys'),
    done: requests > 0,
  },
]

/** The one to do now: the first that is not done. */
export const stepNow = (steps: readonly Step[]): Step | undefined => steps.find(({ done }) => !done)
