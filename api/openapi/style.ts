/** The looks of the API reference, light and dark, after the tokens of the screens. */
export const style = `
:root { color-scheme: light dark; --ground: light-dark(#fff, #0b0d10); --text: light-dark(#15181d, #e8eaed);
  --dim: light-dark(#525c69, #a3adba); --line: light-dark(#e1e4e8, #2a2e35); --soft: light-dark(#f5f6f8, #14171b);
  --accent: light-dark(#4338ca, #a5a0ff); --good: light-dark(#166534, #6ee7a0); --bad: light-dark(#b42318, #ff9d94) }
* { box-sizing: border-box }
html { scroll-padding-top: 1rem }
body { margin: 0; display: grid; grid-template-columns: 13rem minmax(0, 1fr); background: var(--ground); color: var(--text);
  font: 14px/1.55 Inter, ui-sans-serif, system-ui, sans-serif }
a { color: var(--accent) } :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px }
code, pre { font: 12.5px/1.55 ui-monospace, 'SF Mono', Menlo, Consolas, monospace }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1.5rem 1rem; border-right: 1px solid var(--line); background: var(--soft) }
nav ul { list-style: none; margin: 1rem 0; padding: 0 } nav a { display: flex; justify-content: space-between; padding: .3rem .6rem;
  color: inherit; text-decoration: none; border-radius: 6px } nav a:hover { background: var(--line) }
nav .home { font-weight: 600; font-size: 15px } small { color: var(--dim); font-size: 12px; font-weight: 400 }
main { max-width: 58rem; width: 100%; padding: 2rem 2rem 6rem } h1 { margin: 0 0 .75rem; font-size: 1.6rem; letter-spacing: -.02em }
main > p { max-width: 44rem; margin: .5rem 0 } h2 { margin: 2.5rem 0 .6rem; font-size: 1.05rem; text-transform: capitalize }
h3 { margin: 1.1rem 0 .35rem; font-size: .8rem; color: var(--dim); font-weight: 600 }
section > details { border: 1px solid var(--line); border-radius: 8px; margin: .4rem 0; padding: 0 .9rem }
section > details[open] { padding-bottom: 1rem } section > details:target { border-color: var(--accent) }
summary { cursor: pointer; display: flex; gap: .75rem; align-items: baseline; padding: .55rem 0; list-style: none }
summary::-webkit-details-marker { display: none }
summary b { flex: none; width: 4rem; font-size: 12px } .get { color: var(--good) } .delete { color: var(--bad) }
.what { display: flex; flex-wrap: wrap; gap: 0 .75rem; min-width: 0 } .what code { font-weight: 600; overflow-wrap: anywhere }
.what span, .answer span, .scope { color: var(--dim) } .scope { margin: .2rem 0; font-size: 13px }
pre { margin: 0; padding: .75rem .9rem; background: var(--soft); border: 1px solid var(--line); border-radius: 6px; overflow: auto; max-height: 26rem }
.answer { margin: 0 } .answer summary, p.answer { display: flex; gap: .5rem; padding: .25rem 0; font-size: 13px } .answer b { flex: none; width: 2.5rem }
details.answer > summary span::after { content: ' Example'; color: var(--accent); text-decoration: underline } details[open].answer > summary span::after { content: '' }
.good { color: var(--good) } .bad { color: var(--bad) }
.wide { overflow: auto } table { border-collapse: collapse; width: 100%; font-size: 13px }
th, td { text-align: left; font-weight: 400; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
thead th { color: var(--dim); font-size: 12px }
@media (max-width: 720px) { body { grid-template-columns: minmax(0, 1fr) } main { padding: 1rem 1rem 4rem }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: .75rem 1rem }
  nav ul { display: flex; flex-wrap: wrap; margin: .5rem 0 0 } summary b { width: 3.2rem } }
`
