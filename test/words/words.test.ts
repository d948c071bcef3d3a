import t from 'tap'
import { directionOf, type Language, languages } from '../../src/domain/language.ts'
import { reasonFaults } from '../../src/domain/moderation/reason.ts'
import type { Plural } from '../../src/words/en.ts'
import { readyReasons } from '../../src/words/reasons.ts'
import { filled, wordsIn } from '../../src/words/words.ts'

const english = wordsIn('en')

/** The texts of the ready reasons are held to the same rules. */
const reasonsIn = (language: Language) =>
  readyReasons.map(({ code, texts }) => [`reason ${code}`, texts[language]] as const)

/** Words that a language really shares with English. */
const shared: [Language, key: string, why: string][] = [
  ['fr', 'email', "the newspaper's own label"],
  ['de', 'name', 'the German word too'],
  ['it', 'privacy', 'taken over from English, as Italian law and every page have it'],
  ['nl', 'privacy', 'taken over from English, as Dutch law and every page have it'],
]

/** What a language never writes; French has the ordinary spaces and apostrophes of the newspaper whose sentences it keeps. */
const strayMarks: Record<Language, RegExp> = {
  en: /'|\s[.,;:!?…]/,
  fr: /’|\s[.,…]|\S[;:!?]/,
  de: /'|\s[.,;:!?]|[^\u00a0]…/,
  es: /'|\s[.,;:!?…]|^[^¿]*\?|^[^¡]*!/,
  it: /'|\s[.,;:!?…]/,
  pt: /'|\s[.,;:!?…]/,
  nl: /'|\s[.,;:!?…]/,
  ar: /'|\s[.،؛:!؟…]|[,;?]/,
}

t.test('each language has words of its own', async (t) => {
  t.equal(new Set(languages.map((language) => wordsIn(language).submitted)).size, languages.length)
})

t.test('a tag with a region has the words of its language', async (t) => {
  t.equal(wordsIn('pt-BR'), wordsIn('pt'))
})

t.test(
  'who is to be answered in a language that a later version no longer has is answered in English',
  async (t) => {
    t.equal(wordsIn('ja'), english)
  },
)

t.test('nothing is left in English but what the languages share', async (t) => {
  const same = languages
    .filter((language) => language !== 'en')
    .flatMap((language) =>
      Object.entries(wordsIn(language))
        .filter(([key, word]) => formsOf(word).some((form) => formsOf(englishOf(key)).includes(form)))
        .map(([key]) => `${language} ${key}`),
    )
  t.same(
    same,
    shared.map(([language, key]) => `${language} ${key}`),
  )
})

for (const language of languages) {
  const words = Object.entries(wordsIn(language))
  const forms = [
    ...words.flatMap(([key, word]) => formsOf(word).map((form) => [key, form] as const)),
    ...reasonsIn(language),
  ]

  t.test(`${language} has every key, and no other`, async (t) => {
    t.same(words.map(([key]) => key).toSorted(), Object.keys(english).toSorted())
  })

  t.test(`${language} has a form for each kind of number, with the number in it`, async (t) => {
    const rules = new Intl.PluralRules(language)
    const plurals = words.flatMap(([key, word]) => (typeof word === 'string' ? [] : [[key, word] as const]))
    t.equal(plurals.length > 1, true)
    for (const [key, plural] of plurals) {
      t.same(Object.keys(plural).toSorted(), rules.resolvedOptions().pluralCategories.toSorted(), key)
      for (const [category, form] of Object.entries(plural)) {
        // A form for one number alone may say it in words, as Arabic does.
        const saysItself = numbersOf(rules, category).length === 1
        t.equal(saysItself || form.includes('{n}'), true, `${key} ${category}`)
      }
    }
  })

  t.test(`${language} has the places of English in each key`, async (t) => {
    for (const [key, word] of words) {
      for (const form of formsOf(word)) {
        const [places, expected] = [placesIn(form), placesIn(formsOf(englishOf(key)).at(-1) ?? '')]
        // Whether a number stands in each form is told above.
        t.same(typeof word === 'string' || places.length > 0 ? places : expected, expected, `${key}: ${form}`)
      }
    }
  })

  t.test(`${language} ends what English ends, and as it does`, async (t) => {
    for (const [key, form] of forms)
      t.equal(
        endOf(form),
        key.startsWith('reason ') ? 'sentence' : endOf(formsOf(englishOf(key)).at(-1) ?? ''),
        `${key}: ${form}`,
      )
  })

  t.test(`${language} is plain text of its script, with its own marks`, async (t) => {
    for (const [key, form] of forms) {
      const named = `${key}: ${form}`
      t.equal(form, form.trim(), named)
      t.equal(form, form.normalize('NFC'), named)
      t.notMatch(form, /[\p{Cc}\p{Cf}<>&]|\.\.|--|\s\s|"/u, named)
      t.notMatch(form, strayMarks[language], named)
      const letters = form.replaceAll(/\{\w+\}|Atom|ada@example\.org/g, '').match(/\p{L}/gu) ?? []
      const script = directionOf(language) === 'rtl' ? /\p{Script=Arabic}/u : /\p{Script=Latin}/u
      t.same(
        letters.filter((letter) => !script.test(letter)),
        [],
        named,
      )
    }
  })
}

t.test('a ready reason is a line that a reason may be, and no two have the same text', async (t) => {
  t.same(reasonFaults(readyReasons), [])
  const all = languages.flatMap((language) => reasonsIn(language).map(([, text]) => text))
  t.equal(new Set(all).size, languages.length * 10)
})

t.test('what is put in is not looked through for more places', async (t) => {
  t.equal(filled('{name} on {title}', { name: '{title}', title: '$& {name}' }), '{title} on $& {name}')
  t.equal(filled('{name} on {title}', { name: 'Ada' }), 'Ada on {title}')
})

t.test('what runs from right to left keeps to itself, and nothing turns what stands beside it', async (t) => {
  const title = (name: string, words = '{name} on {title}') => filled(words, { name, title: 'Why' })
  for (const name of ['עדה', 'آدا', '\u07ca', '\u{10d00}', '\u{1e900}', 'a\u200fb'])
    t.equal(title(name), `\u2068${name}\u2069 on \u2068Why\u2069`)
  for (const turn of '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069')
    t.equal(title(`A${turn}da`), 'Ada on Why')
  t.equal(title('Ada', '{name} على {title}'), '\u2068Ada\u2069 على \u2068Why\u2069')
})

function formsOf(word: string | Plural): string[] {
  return typeof word === 'string' ? [word] : Object.values(word)
}

function englishOf(key: string): string | Plural {
  return english[key as keyof typeof english]
}

function placesIn(form: string): string[] {
  return (form.match(/\{\w*\}/g) ?? []).toSorted()
}

/** The numbers up to some hundreds that a category is for. */
function numbersOf(rules: Intl.PluralRules, category: string): number[] {
  return Array.from({ length: 400 }, (_, number) => number).filter(
    (number) => rules.select(number) === category,
  )
}

/** Whether it is a sentence, something that goes on, or neither. */
function endOf(form: string): string {
  if (/[.!?؟]$/.test(form)) return 'sentence'
  return form.endsWith('…') ? 'goes on' : ''
}
