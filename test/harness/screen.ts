import { resolve } from 'node:path'
import { buildUi } from '#deploy/local/build-ui.ts'

/** Builds the screen before the first story, if it is not built as it stands. */
const setup = (): Promise<void> => buildUi(resolve(import.meta.dirname, '../..'), () => {})

// vitest calls the default export
// oxlint-disable-next-line import/no-default-export
export default setup
