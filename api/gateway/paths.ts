/** Whether a request is for the gateway's wires; all others are the API's, and the screens of the gateway among them. */
export const isForGateway = (url: string | undefined): boolean =>
  url !== undefined && /^\/gateway\/(?:openai|anthropic)(?:[/?]|$)/.test(url)
