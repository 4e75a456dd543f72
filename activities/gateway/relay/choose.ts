import type { Target } from '#schemas/gateway/routes.ts'

/**
 * The order in which targets are tried: by priority, and among those of one by chance, each as likely to be the next as
 * its share of what is left. `random` gives numbers from 0 up to 1.
 */
export function inOrder(targets: readonly Target[], random: () => number = Math.random): Target[] {
  const left = targets.filter(({ weight }) => weight > 0)
  if (left.length < 2) return left
  left.sort((a, b) => a.priority - b.priority)
  const order: Target[] = []
  while (left[0] !== undefined) {
    const { priority } = left[0]
    const rivals = left.filter((one) => one.priority === priority)
    let at = random() * rivals.reduce((sum, { weight }) => sum + weight, 0)
    const next = rivals.find(({ weight }) => (at -= weight) < 0) ?? left[0]
    order.push(next)
    left.splice(left.indexOf(next), 1)
  }
  return order
}
