// The screen is drawn in the browser only; the API serves it as files.
export const ssr = false
export const prerender = false
export const trailingSlash = 'never'
