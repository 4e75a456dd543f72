/** Both wires want names of tools without dots; ours have one between system and what is done. */
export const toWire = (name: string): string => name.replaceAll('.', '__')
export const fromWire = (name: string): string => name.replaceAll('__', '.')
