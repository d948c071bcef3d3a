import { DockerfileParser, type Instruction, ModifiableInstruction } from 'dockerfile-ast'
import { fileText } from '../support/documents.ts'

/** One build stage: the image it starts from, its name, and its instructions in order. */
export type Stage = { image: string; name: string | null; steps: Step[] }

/** An instruction with its flags and its arguments as written, continuation lines joined. */
export type Step = { keyword: string; flags: Record<string, string>; rest: string }

export const dockerfile = fileText('Dockerfile')

/** The Dockerfile's stages; the last one is the image. */
export function stages(): Stage[] {
  const found: Stage[] = []
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const step = stepOf(instruction)
    if (step.keyword !== 'FROM') found.at(-1)?.steps.push(step)
    else {
      const [image = '', , name = null] = step.rest.split(/\s+/)
      found.push({ image, name, steps: [] })
    }
  }
  return found
}

/** The one instruction of this kind in a stage. */
export function only(stage: Stage, keyword: string): Step {
  const [first, ...others] = stage.steps.filter((step) => step.keyword === keyword)
  if (first === undefined || others.length > 0) throw new Error(`not one ${keyword}`)
  return first
}

/** The variables that a stage sets. */
export function environmentOf(stage: Stage): Record<string, string> {
  const pairs = stage.steps
    .filter(({ keyword }) => keyword === 'ENV')
    .flatMap(({ rest }) => rest.split(/\s+/))
  return Object.fromEntries(pairs.map((pair) => [pair.split('=', 1)[0] ?? '', pair.replace(/^\w+=/, '')]))
}

/** The words of an instruction in the exec form; throws where it is in the shell form. */
export function execForm({ rest }: Step): string[] {
  return JSON.parse(rest.replace(/^CMD\s+/, '')) as string[]
}

function stepOf(instruction: Instruction): Step {
  const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags() : []
  return {
    keyword: instruction.getKeyword(),
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ''])),
    rest: instruction.getArgumentsContent() ?? '',
  }
}
