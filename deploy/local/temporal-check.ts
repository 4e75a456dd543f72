import { Connection } from '@temporalio/client'
import { Problem } from './problem.ts'

type Outside = { address: string; namespace: string; apiKey: string | undefined }

/** gRPC's codes: NOT_FOUND, PERMISSION_DENIED and UNAUTHENTICATED. */
const codes = { notFound: 5, denied: 7, unauthenticated: 16 }

const describe = async ({ address, namespace, apiKey }: Outside): Promise<void> => {
  const secured = apiKey === undefined ? {} : { apiKey, tls: true }
  const connection = await Connection.connect({ address, connectTimeout: '5 s', ...secured })
  try {
    await connection.withDeadline(Date.now() + 5000, () => connection.workflowService.describeNamespace({ namespace }))
  } finally {
    await connection.close()
  }
}

/** Whether the Temporal that somebody pointed us at answers and has the namespace; throws `Problem` where not. */
export async function checkTemporal(outside: Outside): Promise<void> {
  try {
    await describe(outside)
  } catch (error) {
    const { address, namespace } = outside
    const code = (error as { code?: number }).code
    if (code === codes.notFound) {
      const next = `Make it (\`temporal operator namespace create ${namespace}\`), or correct TEMPORAL_NAMESPACE.`
      throw new Problem(`The Temporal at ${address} has no namespace ${namespace}.`, next, error)
    }
    if (code === codes.denied || code === codes.unauthenticated) {
      throw new Problem(`The Temporal at ${address} refuses the key.`, 'Correct TEMPORAL_API_KEY.', error)
    }
    throw new Problem(`Temporal does not answer at ${address}.`, 'Start it, or correct TEMPORAL_ADDRESS.', error)
  }
}
