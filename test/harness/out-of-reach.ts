/** Operations that chance does not bring to their good end, and why. */
export const outOfReach: Record<string, string> = {
  'POST /v1/setup': 'there is a tenant already',
  'POST /v1/session': 'nobody here has a password',
  'POST /v1/session/link': 'a token is not guessed',
  'GET /v1/runs/{run}/steps/{step}': 'no worker has made a step',
  'POST /v1/credentials/{credential}/check': 'an address on its host is not guessed',
  'GET /v1/runs/{run}/canvas': 'no worker has walked one',
  'POST /v1/runs/{run}/control': 'no worker is there to be asked',
  'POST /v1/approvals/{approval}/decide': 'no run is there to hear of it',
  'GET /v1/batches/{batch}': 'no batch stands still for it',
  'POST /v1/batches/{batch}/cancel': 'no batch stands still for it',
  'POST /v1/automations/{automation}/test': 'the input of a lead is not guessed',
  'PUT /v1/automations/{automation}/draft': 'nobody draws an automation by chance',
  'POST /v1/automations/{automation}/publish': 'a revision is not guessed',
  'POST /v1/system/processes/{process}/kill': 'no supervisor runs here',
}
