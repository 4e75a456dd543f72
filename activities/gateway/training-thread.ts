import { parentPort, workerData } from 'node:worker_threads'
import { readOutcomes } from '#schemas/gateway/classifier/csv.ts'
import { makeClassifier } from '#schemas/gateway/classifier/made.ts'

parentPort?.postMessage(makeClassifier(readOutcomes(workerData as string)))
