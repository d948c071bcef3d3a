import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'

/** Whoever starts it ends it: a test, or the whole file. */
type Owner = { teardown: (end: () => Promise<unknown>) => void }

/** What the package would start it with and a test of CORS or of a content policy must not have. */
const unwanted = ['--disable-web-security', '--single-process', '--allow-running-insecure-content']

/** A graphics card made of software: what it draws, the processor draws for less by itself. */
const graphics = ['--use-gl', '--use-angle', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist']

/** A real browser, which comes with npm's packages: a machine that has none runs the tests too. */
export async function startChromium(owner: Owner): Promise<Browser> {
  // With these it unpacks the libraries that it brings along; a bare system has none of them.
  process.env['AWS_EXECUTION_ENV'] ??= 'AWS_Lambda_nodejs22.x'
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs22.x'
  const { default: packaged } = await import('@sparticuz/chromium')
  const browser = await chromium.launch({
    executablePath: await packaged.executablePath(),
    args: [
      ...packaged.args.filter((arg) => ![...unwanted, ...graphics].some((name) => arg.startsWith(name))),
      '--disable-gpu',
    ],
    headless: true,
  })
  owner.teardown(() => browser.close())
  return browser
}

/** A page that nothing is loaded into but this; what it complains of ends up in `complaints`. */
export async function blankPage(
  browser: Browser,
  html: string,
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 320, height: 640 } })
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(line.text())
  })
  await page.setContent(html)
  return { page, complaints }
}

/** A file of `client/` as a browser runs it. */
export async function clientScript(file: string): Promise<string> {
  return stripTypeScriptTypes(await readFile(new URL(`../../client/${file}`, import.meta.url), 'utf8'))
}
