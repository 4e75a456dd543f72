/** The registered workflow types, by the name that stands in histories. */
export { automation } from './automation/index.ts'
export { modelBatch, qualityGuard, trainClassifier } from './gateway.ts'
export { runBatch } from './runs.ts'
export { replayTraffic } from './steering.ts'
