export type Tone = 'good' | 'bad' | 'note'
export type Toast = { id: number; tone: Tone; title: string; detail: string | undefined }

/** Bad news stays until it is dismissed; the rest leaves after this many ms. */
const staysMs = 5000

let last = 0
let list = $state<Toast[]>([])

const dismiss = (id: number): void => {
  list = list.filter((toast) => toast.id !== id)
}

const say = (tone: Tone, title: string, detail?: string): void => {
  const id = ++last
  list = [...list.slice(-3), { id, tone, title, detail }]
  if (tone !== 'bad') setTimeout(() => dismiss(id), staysMs)
}

/** Short messages at the edge of the screen, at most four at a time. */
export const toasts = {
  get list(): readonly Toast[] {
    return list
  },
  good: (title: string, detail?: string) => say('good', title, detail),
  bad: (title: string, detail?: string) => say('bad', title, detail),
  note: (title: string, detail?: string) => say('note', title, detail),
  dismiss,
}
