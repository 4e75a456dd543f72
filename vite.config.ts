import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'

const api = process.env['AUTERITY_API'] ?? 'http://127.0.0.1:4700'

export default defineConfig({
  plugins: [
    tailwindcss(),
    sveltekit({
      files: { src: 'ui', assets: 'ui/static' },
      // The API answers every unknown page with the fallback; the router in the browser takes it from there.
      adapter: adapter({ pages: 'ui/build', fallback: 'index.html', precompress: true }),
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['none'],
          'script-src': ['self'],
          'style-src': ['self'],
          // Positions (floating menus, timeline bars) are style attributes; a stylesheet from elsewhere is not.
          'style-src-attr': ['unsafe-inline'],
          'font-src': ['self'],
          'img-src': ['self', 'data:'],
          'connect-src': ['self'],
          'manifest-src': ['self'],
          'base-uri': ['none'],
          'form-action': ['self'],
        },
      },
      // A new build is noticed on the next navigation.
      version: { pollInterval: 60_000 },
      compilerOptions: { runes: true },
    }),
  ],
  server: { proxy: { '/v1': { target: api, changeOrigin: false } } },
})
