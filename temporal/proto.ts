// @temporalio/proto is CommonJS and offers its namespaces on the default export only
import proto from '@temporalio/proto'

export const { temporal } = proto
